# An add-on as somebody wrote it in 2012, from the public pages of then: Sinatra, a number as id, "ok" as text, sign-on by a
# link that is good for two minutes. It knows no uuid, so a repeat makes a second one. `ruby counters-2012.rb MANIFEST PORT`
require 'sinatra/base'
require 'json'
require 'digest/sha1'

MANIFEST = JSON.parse(File.read(ARGV[0]))
API = MANIFEST['api']
COUNTERS = {}

class Counters < Sinatra::Base
  set :bind, '127.0.0.1'
  set :port, ARGV[1].to_i
  set :server, %w[thin puma webrick]
  set :environment, :production
  # As it was before Sinatra kept a key for sessions by itself.
  enable :sessions
  set :session_secret, API['sso_salt'] * 2
  disable :protection

  helpers do
    def protected!
      auth = Rack::Auth::Basic::Request.new(request.env)
      return if auth.provided? && auth.basic? && auth.credentials == [MANIFEST['id'], API['password']]
      response['WWW-Authenticate'] = 'Basic realm="Restricted Area"'
      throw :halt, [401, "Not authorized\n"]
    end

    def counter
      COUNTERS[params[:id].to_i] || halt(404)
    end
  end

  post '/heroku/resources' do
    protected!
    asked = JSON.parse(request.body.read)
    id = COUNTERS.size + 1
    COUNTERS[id] = { plan: asked['plan'], app: asked['heroku_id'], count: 0 }
    status 201
    { id: id, config: { API['config_vars'].first => "http://127.0.0.1:#{settings.port}/count/#{id}" } }.to_json
  end

  put '/heroku/resources/:id' do
    protected!
    counter[:plan] = JSON.parse(request.body.read)['plan']
    'ok'
  end

  delete '/heroku/resources/:id' do
    protected!
    counter
    COUNTERS.delete(params[:id].to_i)
    'ok'
  end

  get '/heroku/resources/:id' do
    token = Digest::SHA1.hexdigest("#{params[:id]}:#{API['sso_salt']}:#{params[:timestamp]}")
    halt 403 if params[:token] != token || params[:timestamp].to_i < Time.now.to_i - 2 * 60
    halt 404 unless COUNTERS[params[:id].to_i]
    response.set_cookie('heroku-nav-data', value: params['nav-data'], path: '/')
    session[:id] = params[:id]
    session[:email] = params[:email]
    redirect '/'
  end

  get '/' do
    halt 403 unless session[:id]
    found = COUNTERS[session[:id].to_i]
    "<html><body><div id='heroku-header'></div>#{session[:email]}: #{found[:count]} on #{found[:plan]}</body></html>"
  end

  post('/count/:id') { { count: counter[:count] += 1 }.to_json }

  run!
end
