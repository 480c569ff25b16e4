-- What custody adds to Trillian's schema for MariaDB: a row for each ledger, the turn to
-- append to it, what waits for its next append, and three guards. They concern ledgers of
-- custody only; other trees of the database are as before. Between statements stands a
-- line of two dollar signs.

CREATE TABLE IF NOT EXISTS custody_ledger(
  tree_id  BIGINT         NOT NULL PRIMARY KEY,
  origin   VARBINARY(255) NOT NULL UNIQUE,     -- one tree for one name
  key_hash BIGINT         NOT NULL,            -- of the key that signs its checkpoints
  size     BIGINT         NOT NULL DEFAULT 0,  -- leaves under the newest published checkpoint
  root     VARBINARY(32)  NOT NULL,            -- and its root
  ended    BIGINT,                             -- leaves with which it ends; NULL while it goes on
  ended_by VARBINARY(64)  NOT NULL DEFAULT '', -- the node that ended it last, which alone may take that back; '' when nobody may
  FOREIGN KEY(tree_id) REFERENCES Trees(TreeId)
) ENGINE=InnoDB
$$
-- Apart from custody_ledger, whose row a batch locks while a node has the turn.
CREATE TABLE IF NOT EXISTS custody_turn(
  tree_id BIGINT        NOT NULL PRIMARY KEY,
  term    BIGINT        NOT NULL DEFAULT 0,  -- rises whenever another node becomes the publisher
  holder  VARBINARY(64) NOT NULL DEFAULT '', -- who is the publisher
  FOREIGN KEY(tree_id) REFERENCES custody_ledger(tree_id) ON DELETE CASCADE
) ENGINE=InnoDB
$$
-- What nodes want appended while another one has the turn. It is no promise to anybody.
-- MariaDB has no table that a transaction can roll back and that no log of the server has:
-- this one is in the binary log when there is one.
CREATE TABLE IF NOT EXISTS custody_waiting(
  tree_id BIGINT        NOT NULL,
  node    VARBINARY(64) NOT NULL, -- as in holder
  leaves  MEDIUMBLOB    NOT NULL, -- one behind the other
  since   DATETIME(6)   NOT NULL, -- UTC
  PRIMARY KEY (tree_id, node)
) ENGINE=InnoDB
$$
-- AddSequencedLeaves inserts a batch leaf by leaf, in the order of their identities, and
-- passes over a leaf that is refused as a duplicate. A ledger's batch is taken whole, at the
-- end of the log, or not at all: an epoch whose events were refused would be wrong for ever.
-- So what would be a duplicate is another error here, which ends the transaction. The
-- ledger's row is locked, so that one batch is taken after the other, and what is read with
-- a lock is what is committed, not what the transaction saw when it began. None is taken
-- when the ledger has ended, or when this server would acknowledge, or show before it is in its
-- binary log, what a crash can lose.
CREATE OR REPLACE TRIGGER custody_whole_batch BEFORE INSERT ON LeafData FOR EACH ROW
BEGIN
  DECLARE here, stop BIGINT;
  SELECT tree_id, ended INTO here, stop FROM custody_ledger WHERE tree_id = NEW.TreeId FOR UPDATE;
  IF here IS NOT NULL THEN
    IF @@GLOBAL.innodb_flush_log_at_trx_commit NOT IN (1, 3) OR NOT @@GLOBAL.log_bin OR @@GLOBAL.sync_binlog <> 1
       OR NOT @@SESSION.sql_log_bin OR @@SESSION.tx_isolation = 'READ-UNCOMMITTED' THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'custody: unsafe: innodb_flush_log_at_trx_commit, binary log, sync_binlog or the isolation of this session';
    END IF;
    IF stop IS NOT NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'custody: ended: the ledger takes no more leaves';
    END IF;
    IF EXISTS (SELECT 1 FROM LeafData WHERE TreeId = NEW.TreeId AND LeafIdentityHash = NEW.LeafIdentityHash LOCK IN SHARE MODE) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'custody: a seal of the batch is closed';
    END IF;
  END IF;
END
$$
-- Where its batch begins each leaf says in ExtraData, 8 bytes, big-endian: a trigger of
-- MariaDB sees no more than one row. That the indexes of a batch have no gap is seen to by
-- the log server.
CREATE OR REPLACE TRIGGER custody_batch_at_end BEFORE INSERT ON SequencedLeafData FOR EACH ROW
BEGIN
  DECLARE first BIGINT;
  IF EXISTS (SELECT 1 FROM custody_ledger WHERE tree_id = NEW.TreeId LOCK IN SHARE MODE) THEN
    SELECT CONV(HEX(ExtraData), 16, 10) INTO first FROM LeafData
      WHERE TreeId = NEW.TreeId AND LeafIdentityHash = NEW.LeafIdentityHash AND LENGTH(ExtraData) = 8 LOCK IN SHARE MODE;
    IF first IS NULL OR NEW.SequenceNumber < first
       OR first > 0 AND NOT EXISTS (SELECT 1 FROM SequencedLeafData WHERE TreeId = NEW.TreeId AND SequenceNumber = first - 1 LOCK IN SHARE MODE)
       OR EXISTS (SELECT 1 FROM SequencedLeafData WHERE TreeId = NEW.TreeId AND SequenceNumber = NEW.SequenceNumber LOCK IN SHARE MODE) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'custody: the batch is not at the end of the log';
    END IF;
  END IF;
END
$$
-- Two signers may integrate at once. The one that read an older tree must not write it
-- over the newer one's; nor may one that reads what is not committed.
CREATE OR REPLACE TRIGGER custody_no_shrink BEFORE INSERT ON TreeHead FOR EACH ROW
BEGIN
  DECLARE size, at BIGINT;
  IF EXISTS (SELECT 1 FROM custody_ledger WHERE tree_id = NEW.TreeId) THEN
    IF @@SESSION.tx_isolation = 'READ-UNCOMMITTED' THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'custody: unsafe: the isolation of this session';
    END IF;
    SELECT TreeSize, TreeHeadTimestamp INTO size, at FROM TreeHead
      WHERE TreeId = NEW.TreeId ORDER BY TreeHeadTimestamp DESC LIMIT 1 LOCK IN SHARE MODE;
    IF NEW.TreeSize < size OR NEW.TreeHeadTimestamp <= at THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'custody: the tree would shrink';
    END IF;
  END IF;
END
