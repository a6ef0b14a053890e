-- The body of an answer that was not clear, as it came, for whoever has to find out what it meant. Sealed: it may hold
-- values of config vars. Removed after days.
create table kept_answers (
  id uuid primary key,
  question_id uuid not null,
  number int not null,
  sealed bytea not null,
  -- Whether the answer went on after what is kept.
  cut boolean not null,
  kept_until timestamptz not null,
  created_at timestamptz not null,
  unique (question_id, number),
  foreign key (question_id, number) references attempts
);
create index kept_answers_until on kept_answers (kept_until);
