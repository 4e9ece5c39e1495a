CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  group_arn TEXT NOT NULL,
  stream_name TEXT NOT NULL,
  first_timestamp INTEGER,
  last_timestamp INTEGER,
  last_ingestion INTEGER,
  stored_bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (group_arn, stream_name)
) STRICT;

CREATE TABLE lines (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_arn TEXT NOT NULL,
  stream_id INTEGER NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
  timestamp INTEGER NOT NULL,
  ingestion INTEGER NOT NULL,
  message TEXT NOT NULL
) STRICT;

CREATE INDEX lines_by_stream ON lines (stream_id, timestamp, id);
CREATE INDEX lines_by_group ON lines (group_arn, timestamp, id)
