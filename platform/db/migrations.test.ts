import { expect, test } from 'vitest'
import { migrations } from './migrate.js'

// Older processes work on while a migration runs, and after it. What would stop them, or break them, is found here. Who is
// sure that it is harmless says so in the file: `-- harmless: <why>` on the line before the statement.

const dangers: { what: RegExp; why: string }[] = [
  { what: /\bdrop\s+(table|column|index|constraint|type|view)\b/i, why: 'takes away what an older process may use' },
  { what: /\brename\b/i, why: 'an older process knows the old name' },
  { what: /\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b/i, why: 'rewrites the table under an exclusive lock' },
  { what: /\bset\s+not\s+null\b/i, why: 'reads the whole table under an exclusive lock' },
  {
    what: /\badd\s+column\s+(if\s+not\s+exists\s+)?\w+\s+[^,;]*\bnot\s+null\b(?![^,;]*\bdefault\b)(?<!\bdefault\b[^,;]*)/i,
    why: 'older processes write rows without it',
  },
  {
    what: /\badd\s+column\b[^,;]*\bdefault\s+(now|random|gen_random_uuid|clock_timestamp)\s*\(/i,
    why: 'a default that differs by row rewrites the table',
  },
  {
    what: /\badd\s+(constraint\s+\w+\s+)?(check|foreign\s+key)\b(?![^;]*\bnot\s+valid\b)/i,
    why: 'checks all rows under a lock; add it "not valid" and validate it in a later migration',
  },
  { what: /\b(cluster|vacuum\s+full|reindex|lock\s+table|truncate)\b/i, why: 'holds the table for long' },
  { what: /^\s*(update|delete\s+from)\s+\w+(?![^;]*\bwhere\b)/im, why: 'touches all rows in one transaction' },
  { what: /\bcreate\s+(unique\s+)?index\b/i, why: 'holds up writers while it is built, unless its table is new' },
]

/** What is dangerous in a migration, in sentences. */
function dangersIn(name: string, text: string): string[] {
  const made = new Set(
    [...text.matchAll(/\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)/gi)].map((match) => match[1]),
  )
  const found: string[] = []
  for (const piece of text.split(';')) {
    const isSaid = /--\s*harmless:\s*\S+/.test(piece)
    const statement = piece
      .replaceAll(/--[^\n]*/g, ' ')
      .replaceAll(/'[^']*'/g, "''")
      .trim()
    const table = /\b(?:alter\s+table|index\b[^;]*?\bon|update|delete\s+from)\s+(?:if\s+exists\s+|only\s+)?(\w+)/i.exec(
      statement,
    )?.[1]
    // A table that this very migration makes is nobody else's yet.
    if (isSaid || (table && made.has(table))) continue
    for (const { what, why } of dangers) {
      if (what.test(statement)) found.push(`${name}: "${statement.slice(0, 60).replaceAll(/\s+/g, ' ')}": ${why}`)
    }
  }
  return found
}

// Before the first release there are no older processes that could be hurt. It is made of at most these numbers; whoever
// releases it sets this to the last one.
const firstRelease = 29

test('no migration stops or breaks the processes that work meanwhile', () => {
  const later = migrations().filter(({ number }) => number > firstRelease)
  expect(later.flatMap(({ name, text }) => dangersIn(name, text))).toEqual([])
})

test.each([
  ['alter table apps drop column name', 'takes away'],
  ['drop index apps_name', 'takes away'],
  ['alter table apps rename column name to title', 'knows the old name'],
  ['alter table apps alter column name type varchar(10)', 'rewrites the table'],
  ['alter table apps alter column name set not null', 'reads the whole table'],
  ['alter table apps add column size text not null', 'write rows without it'],
  ['alter table apps add column at timestamptz default now()', 'differs by row'],
  ['alter table apps add constraint c check (size > 0)', 'not valid'],
  ['alter table apps add constraint c foreign key (a) references b', 'not valid'],
  ['update apps set size = 1', 'touches all rows'],
  ['create index apps_size on apps (size)', 'holds up writers'],
  ['truncate apps', 'holds the table'],
])('it would be noticed: %s', (text, why) => {
  expect(dangersIn('x.sql', text)).toEqual([expect.stringContaining(why)])
  expect(dangersIn('x.sql', `-- harmless: the table is small\n${text}`)).toEqual([])
})

test.each([
  'create table rooms (id int primary key, size int not null); create index rooms_size on rooms (size)',
  'alter table apps add column size int',
  "alter table apps add column size text not null default 'small'",
  'alter table apps add constraint c check (size > 0) not valid',
  'update apps set size = 1 where id = 2',
])('what expands is allowed: %s', (text) => {
  expect(dangersIn('x.sql', text)).toEqual([])
})
