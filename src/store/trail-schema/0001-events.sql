-- What many events have in common: who polls makes the same call again and again.
CREATE TABLE calls (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  event_name TEXT NOT NULL,
  event_source TEXT NOT NULL,
  username TEXT,
  access_key_id TEXT,
  error_code TEXT,
  resources TEXT,
  record_head TEXT NOT NULL,
  record_body TEXT NOT NULL,
  record_tail TEXT NOT NULL
) STRICT;

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  call_id INTEGER NOT NULL,
  time INTEGER NOT NULL,
  read_only INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  request_id TEXT NOT NULL
) STRICT;

-- read_only: counting either kind reads the index alone.
CREATE INDEX events_by_time ON events (time, id, read_only)
