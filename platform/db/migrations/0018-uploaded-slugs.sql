-- A slug that was built elsewhere: a place at first, complete (bytes and checksum known) once its archive was uploaded.
alter table slugs alter column bytes drop not null;
alter table slugs alter column checksum drop not null;
alter table slugs alter column buildpack drop not null;
alter table slugs add column commit_description text;
-- Where in the archive the app lies, when that is not its top.
alter table slugs add column folder text;
-- What the archive must be, as its maker said.
alter table slugs add column expected_checksum text;
create index slugs_app on slugs (app_id);
