-- What was done to an app and its add-ons is listed for whoever may see the app; looking through all that was ever done took too long.
-- harmless: what has ended is forgotten in time, and a hundred thousand rows are read in a moment.
create index if not exists operations_app on operations (app_id);
-- harmless: as above.
create index if not exists operations_subject on operations (subject);
