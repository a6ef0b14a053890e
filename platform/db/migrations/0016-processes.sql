-- Who works on this database. A row is a process while it beats; one that fell silent is told apart by its last beat.
create table processes (
  id uuid primary key,
  role text not null check (role in ('all', 'api', 'worker')),
  host text not null,
  pid int not null,
  -- Numbers of processes are used again; a number and its start are one process.
  pid_start text not null,
  -- Where the others reach its port, as HOST:PORT.
  address text,
  version text not null,
  started_at timestamptz not null,
  beat_at timestamptz not null
);
-- Apps, builds and logs are in one place: where the process of role "all" is.
create unique index processes_apps on processes (role) where role = 'all';

-- Removed apps whose dynos and files are still on the machine that runs apps.
create table remains (
  app_id uuid primary key references apps,
  created_at timestamptz not null
);
