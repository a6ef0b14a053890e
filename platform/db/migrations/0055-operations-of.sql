-- What was done to an app and its add-ons is listed for whoever may see the app; looking through all that was ever done took too long.
create index if not exists operations_app on operations (app_id);
create index if not exists operations_subject on operations (subject);
