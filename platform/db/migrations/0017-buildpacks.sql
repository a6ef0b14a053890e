-- The buildpacks that an app's owner chose, in order: our own by name, others by address. None: one is detected.
alter table apps add column buildpacks text[] not null default '{}';
-- Those of one build; null when it goes by the app's.
alter table builds add column buildpacks text[];
