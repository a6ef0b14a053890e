-- What has ended is forgotten after a while, hourly: without these, each look would read everything that is kept.
create index if not exists events_at on events (at);
create index if not exists operations_ended on operations (ended_at) where ended_at is not null;
