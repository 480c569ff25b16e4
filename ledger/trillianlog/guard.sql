-- What custody adds to Trillian's schema for PostgreSQL: a row for each ledger, what waits
-- for its next append, and two guards. They concern ledgers of custody only; other trees of the database are as before.

CREATE TABLE IF NOT EXISTS custody_ledger(
  tree_id  BIGINT NOT NULL PRIMARY KEY REFERENCES Trees(TreeId),
  origin   TEXT   NOT NULL UNIQUE,     -- one tree for one name
  key_hash BIGINT NOT NULL,            -- of the key that signs its checkpoints
  term     BIGINT NOT NULL DEFAULT 0,  -- rises whenever another node becomes the publisher
  holder   TEXT   NOT NULL DEFAULT '', -- who is the publisher
  size     BIGINT NOT NULL DEFAULT 0,  -- leaves under the newest published checkpoint
  root     BYTEA  NOT NULL             -- and its root
);
ALTER TABLE custody_ledger
  ADD COLUMN IF NOT EXISTS ended    BIGINT,                  -- leaves with which it ends; NULL while it goes on
  ADD COLUMN IF NOT EXISTS ended_by TEXT NOT NULL DEFAULT ''; -- the node that ended it last, which alone may take that back; '' when nobody may

-- What nodes want appended while another one has the turn. It is no promise to anybody, so
-- it may be gone after a crash; and it is at no standby and in no archive of the database's
-- own log, where a leaf that is not logged in the end would show its seal key. A dump leaves it
-- out when told to (pg_dump --no-unlogged-table-data).
CREATE UNLOGGED TABLE IF NOT EXISTS custody_waiting(
  tree_id BIGINT NOT NULL,
  node    TEXT   NOT NULL, -- as in holder
  leaves  BYTEA  NOT NULL, -- one behind the other
  since   TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tree_id, node)
);

-- AddSequencedLeaves takes of a batch what it can and says of each leaf what became of
-- it. A ledger's batch is taken whole, at the end of the log, or not at all: an epoch
-- whose events were refused would be wrong for ever. None is taken when the ledger has
-- ended, or when this session would acknowledge what a crash can lose.
CREATE OR REPLACE FUNCTION custody_whole_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM custody_ledger c WHERE c.tree_id IN (SELECT TreeId FROM fresh)) THEN
    IF 'off' IN (current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')) THEN
      RAISE EXCEPTION 'custody: unsafe: fsync %, full_page_writes %, synchronous_commit %',
        current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit');
    END IF;
    IF EXISTS (SELECT 1 FROM custody_ledger c WHERE c.ended IS NOT NULL AND c.tree_id IN (SELECT TreeId FROM fresh)) THEN
      RAISE EXCEPTION 'custody: ended: the ledger takes no more leaves';
    END IF;
  END IF;
  IF to_regclass('pg_temp.tempaddsequencedleaves') IS NOT NULL THEN
    IF EXISTS (SELECT 1 FROM TempAddSequencedLeaves b JOIN custody_ledger c ON c.tree_id = b.TreeId
               WHERE b.IsDuplicateLeafData OR b.IsDuplicateSequencedLeafData) THEN
      RAISE EXCEPTION 'custody: a seal or an index of the batch is taken' USING ERRCODE = 'unique_violation';
    END IF;
  END IF;
  IF EXISTS (
    SELECT 1 FROM (SELECT TreeId, min(SequenceNumber) AS first, max(SequenceNumber) AS last, count(*) AS n FROM fresh GROUP BY TreeId) f
    JOIN custody_ledger c ON c.tree_id = f.TreeId
    WHERE f.last - f.first + 1 <> f.n
       OR f.first > 0 AND NOT EXISTS (SELECT 1 FROM SequencedLeafData s WHERE s.TreeId = f.TreeId AND s.SequenceNumber = f.first - 1)
  ) THEN
    RAISE EXCEPTION 'custody: the batch is not at the end of the log' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NULL;
END;
$$;

CREATE OR REPLACE TRIGGER custody_whole_batch AFTER INSERT ON SequencedLeafData
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION custody_whole_batch();

-- Two signers may integrate at once. The one that read an older tree must not write it
-- over the newer one's.
CREATE OR REPLACE FUNCTION custody_no_shrink() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  size BIGINT;
  at   BIGINT;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM custody_ledger WHERE tree_id = NEW.TreeId) THEN
    RETURN NEW;
  END IF;
  PERFORM pg_advisory_xact_lock(NEW.TreeId);
  SELECT TreeSize, TreeHeadTimestamp INTO size, at FROM TreeHead
    WHERE TreeId = NEW.TreeId ORDER BY TreeHeadTimestamp DESC LIMIT 1;
  IF NEW.TreeSize < size OR NEW.TreeHeadTimestamp <= at THEN
    RAISE EXCEPTION 'custody: the tree would shrink' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NEW;
END;
$$;

CREATE OR REPLACE TRIGGER custody_no_shrink BEFORE INSERT ON TreeHead
  FOR EACH ROW EXECUTE FUNCTION custody_no_shrink();
