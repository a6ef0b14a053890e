-- The bodies of what was asked long ago are forgotten, and those that are there still are found without a look at all that ever was.
-- harmless: hardly a row has one yet, so the table is only read through once, and the index is almost empty.
create index if not exists attempts_with_bodies on attempts (sent_at) where sent is not null or received is not null;
