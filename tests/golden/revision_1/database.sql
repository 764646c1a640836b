-- What the database was before it said its revision: no file of that time may ever fail to be upgraded.
PRAGMA journal_mode=WAL;
CREATE TABLE envelope (
	"key" BLOB NOT NULL,
	survey VARCHAR NOT NULL,
	week VARCHAR NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY ("key")
)
 WITHOUT ROWID;
CREATE TABLE tombstone (
	"key" BLOB NOT NULL,
	PRIMARY KEY ("key")
)
 WITHOUT ROWID;
CREATE TABLE total (
	name VARCHAR NOT NULL,
	subject VARCHAR NOT NULL,
	language VARCHAR NOT NULL,
	period VARCHAR NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (name, subject, language, period)
)
 WITHOUT ROWID;
