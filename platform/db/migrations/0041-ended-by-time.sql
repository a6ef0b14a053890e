-- What has ended is forgotten after a while, hourly: without these, each look would read everything that is kept.
-- harmless: writers wait while it is built: one pass over the table
create index if not exists events_at on events (at);
-- harmless: as above, and operations are fewer
create index if not exists operations_ended on operations (ended_at) where ended_at is not null;
