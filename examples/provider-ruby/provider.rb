# Counters as an add-on, with Ruby's own libraries and WEBrick: what a provider answers when no SDK does it.
#
# An app counts with POST on COUNTERS_URL and reads with GET. What the platform asks is written in
# docs/guides/without-the-sdk.md; ../provider-python does the same, line by line.
require 'cgi'
require 'digest'
require 'json'
require 'openssl'
require 'securerandom'
require 'webrick'

PORT = Integer(ENV.fetch('PORT', '4567'))
PUBLIC_URL = ENV.fetch('PUBLIC_URL', "http://127.0.0.1:#{PORT}")
PLATFORM = ENV.fetch('PLATFORM', 'http://localhost:5055')
STATE = ENV.fetch('STATE', 'counters.json')
MANIFEST = JSON.parse(File.read(ENV.fetch('ADDON_MANIFEST', 'addon-manifest.json')))
PLANS = MANIFEST['plans'].map { |plan| plan['name'] }
SIGN_ON_SECONDS = 300
SESSION_SECONDS = 8 * 3600

# One counter for each add-on, by the platform's uuid. A removed one is remembered: its uuid never comes back.
COUNTERS = File.exist?(STATE) ? JSON.parse(File.read(STATE)) : {}
SESSIONS = {}
USED_TOKENS = {}
LOCK = Mutex.new

# Written beside and moved over: a power cut leaves the old file or the new one, never half of one.
def save
  File.open("#{STATE}.new", 'w') { |file| file.write(JSON.generate(COUNTERS)) && file.fsync }
  File.rename("#{STATE}.new", STATE)
end

# In constant time: how long it takes tells nothing about what was right.
def same?(one, other)
  OpenSSL.fixed_length_secure_compare(Digest::SHA256.digest(one), Digest::SHA256.digest(other))
end

Answer = Struct.new(:status, :body, :headers, :cookies)
def answer(status, body = nil, headers: {}, cookies: []) = Answer.new(status, body, headers, cookies)
def say(status, message, **more) = answer(status, { message: message }, **more)

def there(uuid)
  counter = COUNTERS[uuid]
  counter unless counter.nil? || counter['removed']
end

def no_such_plan = say(422, "There is no such plan. There are #{PLANS.join(', ')}.")

def provision(asked)
  uuid = asked && asked['uuid']
  return say(400, 'The body must be a JSON object with a uuid.') unless uuid.is_a?(String)
  # What stands in `message` is what the customer reads.
  return no_such_plan unless PLANS.include?(asked['plan'])

  LOCK.synchronize do
    return say(410, 'This counter was removed.') if COUNTERS[uuid]&.fetch('removed')

    # The same uuid again is the same request: an answer of ours was lost on its way.
    unless COUNTERS.key?(uuid)
      secret = SecureRandom.urlsafe_base64(24)
      COUNTERS[uuid] = { 'plan' => asked['plan'], 'name' => asked['name'] || uuid, 'secret' => secret, 'count' => 0, 'removed' => false }
      save
    end
    config = { COUNTERS_URL: "#{PUBLIC_URL}/#{uuid}/#{COUNTERS[uuid]['secret']}" }
    answer(200, { id: uuid, config: config, message: 'Counting from 0.' })
  end
end

def change_plan(uuid, asked)
  LOCK.synchronize do
    counter = there(uuid)
    return say(410, 'There is no such counter.') unless counter
    return no_such_plan unless asked && PLANS.include?(asked['plan'])

    counter['plan'] = asked['plan']
    save
    say(200, "The plan is #{counter['plan']} now.")
  end
end

def deprovision(uuid)
  LOCK.synchronize do
    was_there = there(uuid)
    # One that never came is remembered too: a provision that is still under way must not make it afterwards.
    COUNTERS[uuid] = { 'removed' => true }
    save
    was_there ? answer(204) : say(410, 'There is no such counter.')
  end
end

# What is kept, page by page: the platform compares its books with it (`lists_resources` in the manifest).
def list(query)
  after = query.fetch('after', '')
  limit = Integer(query.fetch('limit', '500'))
  uuids = LOCK.synchronize { COUNTERS.keys.select { |uuid| there(uuid) && uuid > after }.sort }
  page = uuids.first(limit)
  answer(200, { resources: page.map { |uuid| { uuid: uuid } }, next: uuids.size > limit ? page.last : nil })
end

# Keeps a token for as long as it would be good, so that a form opens one session.
def first_use?(token, now)
  LOCK.synchronize do
    USED_TOKENS.delete_if { |_, till| till < now }
    USED_TOKENS.key?(token) ? false : (USED_TOKENS[token] = now + SIGN_ON_SECONDS + 60)
  end
end

def sign_on(form)
  uuid, stamp, token = %w[resource_id timestamp user_scoped_resource_token].map { |name| form[name].to_s }
  now = Time.now.to_i
  fresh = stamp.match?(/\A\d{1,12}\z/) && (-60..SIGN_ON_SECONDS).cover?(now - stamp.to_i)
  # The token covers the person as well: whoever holds a form cannot write another e-mail into it.
  parts = [uuid, MANIFEST['api']['sso_salt'], stamp, form['user_id'], form['email']]
  good = fresh && same?(token, Digest::SHA256.hexdigest(parts.join(':')))
  return say(403, 'Open the add-on from its app again.') unless good && first_use?(token, now)
  return say(404, 'There is no such counter.') unless there(uuid)

  session = SecureRandom.urlsafe_base64(32)
  SESSIONS[session] = { uuid: uuid, app: form['app'].to_s, email: form['email'].to_s, till: now + SESSION_SECONDS }
  flags = "Path=/; SameSite=Lax#{'; Secure' if PUBLIC_URL.start_with?('https:')}"
  cookies = ["counters_session=#{session}; HttpOnly; #{flags}"]
  nav_data = form['nav-data'].to_s
  cookies << "heroku-nav-data=#{nav_data}; #{flags}" if nav_data.match?(/\A[\w=-]+\z/)
  answer(303, nil, headers: { 'Location' => "/dashboard/#{uuid}" }, cookies: cookies)
end

def dashboard(uuid, cookies)
  session = SESSIONS[cookies['counters_session']]
  counter = there(uuid)
  unless session && counter && session[:uuid] == uuid && session[:till] > Time.now.to_i
    return answer(403, '<p>Open this page from your app: choose the add-on there.</p>')
  end

  app, addon, email = [session[:app], counter['name'], session[:email]].map { |text| CGI.escapeHTML(text) }
  header = %(<script src="#{PLATFORM}/nav/v1/header.js" data-app="#{app}" data-addon="#{addon}" defer></script>)
  page = "<p>#{email}, #{addon} of #{app} stands at <strong>#{counter['count']}</strong>, on plan #{counter['plan']}.</p>"
  answer(200, %(<!doctype html><html lang="en"><head><title>#{addon}</title>#{header}</head><body>#{page}</body></html>))
end

# The service itself, for apps: the secret in the address is the whole of its authentication.
def count(uuid, secret, by)
  LOCK.synchronize do
    counter = there(uuid.to_s)
    return say(404, 'There is nothing here.') unless counter && same?(secret.to_s, counter['secret'])

    counter['count'] += by
    save if by.positive?
    answer(200, { count: counter['count'] })
  end
end

def fields(request)
  fields = JSON.parse(request.body.to_s)
  fields if fields.is_a?(Hash)
rescue JSON::ParserError
  nil
end

# Both the id and the password are checked, and a stranger learns nothing else.
def platform?(request)
  same?(request['Authorization'].to_s, "Basic #{["#{MANIFEST['id']}:#{MANIFEST['api']['password']}"].pack('m0')}")
end

def respond(request)
  first, second, third = request.path.delete_prefix('/').split('/')
  if first == 'heroku' && second == 'resources'
    unless platform?(request)
      return say(401, 'Wrong id or password.', headers: { 'WWW-Authenticate' => 'Basic realm="counters"' })
    end

    case request.request_method
    when 'GET' then list(request.query)
    when 'POST' then third ? say(404, 'There is nothing here.') : provision(fields(request))
    when 'PUT' then change_plan(third, fields(request))
    when 'DELETE' then deprovision(third)
    else say(405, 'This is not answered here.')
    end
  elsif request.request_method == 'POST'
    return sign_on(URI.decode_www_form(request.body.to_s).reverse.to_h) if first == 'heroku' && second == 'sso'

    count(first, second, 1)
  elsif first == 'health' then answer(200, 'ok')
  elsif first == 'dashboard' then dashboard(second, request.cookies.to_h { |cookie| [cookie.name, cookie.value] })
  else count(first, second, 0)
  end
end

class Provider < WEBrick::HTTPServlet::AbstractServlet
  def service(request, response)
    given = respond(request)
    response.status = given.status
    response['Content-Type'] = given.body.is_a?(String) ? 'text/html; charset=utf-8' : 'application/json'
    response['Cache-Control'] = 'no-store'
    given.headers.each { |name, value| response[name] = value }
    response.cookies.concat(given.cookies)
    response.body = given.body.is_a?(String) ? given.body : given.body ? JSON.generate(given.body) : ''
  end
end

$stdout.sync = true
# No access log: the addresses of counters have their secrets in them.
log = WEBrick::Log.new($stderr, WEBrick::Log::WARN)
server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: PORT, Logger: log, AccessLog: [])
server.mount('/', Provider)
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
puts "counters listens at #{PUBLIC_URL}"
server.start
