-- Hostnames of the customers' own under which an app is served, and the certificates for them.
create table sni_endpoints (
  id uuid primary key,
  app_id uuid not null references apps,
  name text not null,
  -- PEM, the server's own certificate first.
  certificate_chain text not null,
  ca_signed boolean not null,
  -- The private key. `version` rises with each replaced pair and is part of what the key is sealed to.
  sealed bytea not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint sni_endpoints_name unique (app_id, name)
);

-- Rows of a destroyed app are deleted, so one hostname leads to one app, whatever became of others.
create table domains (
  id uuid primary key,
  app_id uuid not null references apps,
  hostname text not null,
  sni_endpoint_id uuid references sni_endpoints on delete set null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint domains_hostname unique (hostname)
);
create index domains_app on domains (app_id);
create index domains_sni_endpoint on domains (sni_endpoint_id);
