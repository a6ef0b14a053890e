-- What was sent and received, for providers to look up, without what is or may be a secret: names, types and lengths, and a
-- few values known to be harmless. As text, in the order in which it was written. Null: nothing is kept of it.
alter table attempts add column if not exists sent json;
alter table attempts add column if not exists received json;
