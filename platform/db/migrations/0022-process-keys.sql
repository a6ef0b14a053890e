-- Which master keys a process knows, and with which it seals: a key is put in force when all know it, and taken away when
-- nobody uses it any more.
alter table processes add column keys int[] not null default '{}';
alter table processes add column seals_with int;
