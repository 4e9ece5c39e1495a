-- Every record of every table: the body is JSON, the tables of src/store/tables give it a type and indexes.
CREATE TABLE records (
  table_name TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (table_name, key)
) STRICT, WITHOUT ROWID;
