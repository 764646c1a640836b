-- What the ledger was before it said its revision.
PRAGMA journal_mode=WAL;
CREATE TABLE tombstone (
	"key" BLOB NOT NULL,
	PRIMARY KEY ("key")
)
 WITHOUT ROWID;
