"""The revisions of database and ledger, one file each; Alembic reads them. A released one is never changed.

Each has a function `upgrade(kind)`, called for either file. What a revision makes anew keeps to the rules of the
tables: no row ids, nothing that tells an order of coming.
"""
