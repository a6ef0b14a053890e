import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/**
 * Counters as an add-on, with the JDK's own HTTP server and nothing else: what a provider answers when no SDK does it.
 *
 *     java Provider.java
 *
 * An app counts with POST on COUNTERS_URL and reads with GET. With CLIENT_SECRET it makes them later: it answers 202, trades
 * the grant, sets the config and reports. What the platform asks is written in docs/guides/without-the-sdk.md.
 */
public final class Provider {
  static final int BODY_BYTES_MAX = 64 * 1024;
  static final long SIGN_ON_SECONDS = 300;
  static final long SESSION_SECONDS = 8 * 3600;
  static final SecureRandom CHANCE = new SecureRandom();

  final int port = Integer.parseInt(env("PORT", "4567"));
  final String publicUrl = env("PUBLIC_URL", "http://127.0.0.1:" + port);
  final String platform = env("PLATFORM", "http://localhost:5055");
  /** Told by the first push of the manifest. Without it counters are made at once, and the platform is never called. */
  final String clientSecret = env("CLIENT_SECRET", "");
  final Path state = Path.of(env("STATE", "counters.json"));
  final String id;
  final String password;
  final String salt;
  final List<String> plans = new ArrayList<>();
  /** By the platform's uuid, in order. A removed one is remembered: its uuid never comes back. */
  final TreeMap<String, Map<String, Object>> counters = new TreeMap<>();
  final Map<String, Map<String, String>> sessions = new HashMap<>();
  final Map<String, Long> usedTokens = new HashMap<>();
  final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  @SuppressWarnings("unchecked")
  Provider() throws IOException {
    var manifest = (Map<String, Object>) Json.read(Files.readString(Path.of(env("ADDON_MANIFEST", "addon-manifest.json"))));
    var api = (Map<String, Object>) manifest.get("api");
    id = (String) manifest.get("id");
    password = (String) api.get("password");
    salt = (String) api.get("sso_salt");
    for (var plan : (List<Map<String, Object>>) manifest.get("plans")) plans.add((String) plan.get("name"));
    if (Files.exists(state)) counters.putAll((Map<String, Map<String, Object>>) Json.read(Files.readString(state)));
  }

  public static void main(String[] args) throws IOException {
    var provider = new Provider();
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", provider.port), 0);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", provider::serve);
    server.start();
    // What was promised with 202 before the last stop is owed still.
    synchronized (provider.counters) {
      provider.counters.forEach((uuid, counter) -> { if (counter.get("owed") != null) provider.later(uuid); });
    }
    System.out.println("counters listens at " + provider.publicUrl);
  }

  void serve(HttpExchange http) throws IOException {
    try (http) {
      var path = http.getRequestURI().getPath();
      var method = http.getRequestMethod();
      if (path.equals("/health")) answer(http, 200, "ok");
      else if (path.equals("/heroku/sso") && method.equals("POST")) signOn(http);
      else if (path.startsWith("/dashboard/")) dashboard(http, path.substring("/dashboard/".length()));
      else if (!path.startsWith("/heroku/resources")) count(http, path, method.equals("POST") ? 1 : 0);
      else if (!isPlatform(http)) answer(http, 401, Map.of("message", "Wrong id or password."));
      else {
        var uuid = path.replaceFirst("^/heroku/resources/?", "");
        switch (method) {
          case "POST" -> provision(http);
          case "PUT" -> changePlan(http, uuid);
          case "DELETE" -> deprovision(http, uuid);
          default -> list(http);
        }
      }
    } catch (RuntimeException error) {
      // The platform asks again after a 500, and nothing was promised.
      System.err.println(error);
      if (http.getResponseCode() == -1) answer(http, 500, Map.of());
    }
  }

  /** Both the id and the password are checked, in constant time, and a stranger learns nothing else. */
  boolean isPlatform(HttpExchange http) {
    var wanted = "Basic " + Base64.getEncoder().encodeToString((id + ":" + password).getBytes(StandardCharsets.UTF_8));
    var sent = http.getRequestHeaders().getFirst("Authorization");
    return same(wanted, sent == null ? "" : sent);
  }

  void provision(HttpExchange http) throws IOException {
    var asked = fields(http);
    if (asked == null || !(asked.get("uuid") instanceof String uuid)) {
      answer(http, 400, Map.of("message", "The body must be a JSON object with a uuid."));
      return;
    }
    // What stands in `message` is what the customer reads.
    if (!(asked.get("plan") instanceof String plan) || !plans.contains(plan)) {
      answer(http, 422, Map.of("message", "There is no such plan. There are " + String.join(", ", plans) + "."));
      return;
    }
    Map<String, Object> counter;
    boolean isNew;
    synchronized (counters) {
      // The same uuid again is the same request: an answer of ours was lost on its way.
      isNew = !counters.containsKey(uuid);
      if (isNew) {
        var made = new LinkedHashMap<String, Object>();
        made.put("plan", plan);
        made.put("name", asked.get("name") instanceof String name ? name : uuid);
        made.put("secret", random());
        made.put("count", 0L);
        if (!clientSecret.isEmpty()) made.put("owed", owed(asked));
        counters.put(uuid, made);
        save();
      }
      counter = Map.copyOf(counters.get(uuid));
    }
    if (counter.containsKey("removed")) {
      answer(http, 410, Map.of("message", "This counter was removed."));
    } else if (counter.containsKey("owed")) {
      answer(http, 202, Map.of("id", uuid, "message", "Your counter is being made."));
      if (isNew) later(uuid);
    } else {
      answer(http, 200, Map.of("id", uuid, "config", config(uuid, counter), "message", "Counting from 0."));
    }
  }

  /** What the report needs, kept with the counter: a stop of ours must not leave an add-on unready for ever. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> owed(Map<String, Object> asked) {
    var grant = asked.get("oauth_grant") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.<String, Object>of();
    return new HashMap<>(Map.of(
      "callback", String.valueOf(asked.get("callback_url")), "code", String.valueOf(grant.get("code"))));
  }

  /** Makes the counter behind the answer, and tries to report it until the platform has heard. */
  void later(String uuid) {
    CompletableFuture.runAsync(() -> {
      for (var waitMs = 200L; ; waitMs = Math.min(waitMs * 2, 60_000)) {
        try {
          Thread.sleep(waitMs);
          if (report(uuid)) return;
        } catch (IOException | RuntimeException error) {
          System.err.println("not reported yet: " + error.getMessage());
        } catch (InterruptedException error) {
          return;
        }
      }
    });
  }

  /** @return whether nothing is owed any more */
  @SuppressWarnings("unchecked")
  boolean report(String uuid) throws IOException, InterruptedException {
    Map<String, Object> counter;
    synchronized (counters) {
      counter = Map.copyOf(counters.get(uuid));
    }
    // Removed meanwhile: nobody waits for it, and a report would be about something that is gone.
    if (!(counter.get("owed") instanceof Map<?, ?> map)) return true;
    var owed = (Map<String, Object>) map;
    var callback = (String) owed.get("callback");
    if (!(owed.get("token") instanceof String)) {
      // The code is good once: the token is kept before it is used.
      var form = "grant_type=authorization_code&code=" + encoded((String) owed.get("code")) + "&client_secret=" + encoded(clientSecret);
      var traded = call("POST", URI.create(callback).resolve("/oauth/token"), "application/x-www-form-urlencoded", form, null);
      if (traded.statusCode() / 100 != 2) throw new IOException("the grant was answered with " + traded.statusCode());
      synchronized (counters) {
        owed.put("token", ((Map<String, Object>) Json.read(traded.body())).get("access_token"));
        save();
      }
    }
    var token = (String) owed.get("token");
    var list = new ArrayList<Map<String, Object>>();
    config(uuid, counter).forEach((name, value) -> list.add(Map.of("name", name, "value", value)));
    var set = call("PATCH", URI.create(callback + "/config"), "application/json", Json.write(Map.of("config", list)), token);
    if (set.statusCode() == 410 || set.statusCode() == 404) return true;
    if (set.statusCode() / 100 != 2) throw new IOException("the config was answered with " + set.statusCode());
    synchronized (counters) {
      // Looked at once more right before: the removal may have come while we called.
      if (!counters.get(uuid).containsKey("owed")) return true;
    }
    var told = call("POST", URI.create(callback + "/actions/provision"), "application/json", "", token);
    if (told.statusCode() / 100 != 2 && told.statusCode() != 410 && told.statusCode() != 404) {
      throw new IOException("the report was answered with " + told.statusCode());
    }
    synchronized (counters) {
      counters.get(uuid).remove("owed");
      save();
    }
    return true;
  }

  HttpResponse<String> call(String method, URI address, String type, String body, String token) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20)).header("Content-Type", type)
      .header("Accept", "application/vnd.heroku+json; version=3").method(method, HttpRequest.BodyPublishers.ofString(body));
    if (token != null) request.header("Authorization", "Bearer " + token);
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  Map<String, Object> config(String uuid, Map<String, Object> counter) {
    return Map.of("COUNTERS_URL", publicUrl + "/" + uuid + "/" + counter.get("secret"));
  }

  void changePlan(HttpExchange http, String uuid) throws IOException {
    var asked = fields(http);
    synchronized (counters) {
      var counter = counters.get(uuid);
      if (counter == null || counter.containsKey("removed")) {
        answer(http, 410, Map.of("message", "There is no such counter."));
      } else if (asked == null || !(asked.get("plan") instanceof String plan) || !plans.contains(plan)) {
        answer(http, 422, Map.of("message", "There is no such plan. There are " + String.join(", ", plans) + "."));
      } else {
        counter.put("plan", plan);
        save();
        answer(http, 200, Map.of("message", "The plan is " + plan + " now."));
      }
    }
  }

  void deprovision(HttpExchange http, String uuid) throws IOException {
    boolean wasThere;
    synchronized (counters) {
      var counter = counters.get(uuid);
      wasThere = counter != null && !counter.containsKey("removed");
      // One that never came is remembered too: a provision that is still under way must not make it afterwards.
      counters.put(uuid, new LinkedHashMap<>(Map.of("removed", true)));
      save();
    }
    if (wasThere) answer(http, 204, null);
    else answer(http, 410, Map.of("message", "There is no such counter."));
  }

  /** What is kept, page by page: the platform compares its books with it (`lists_resources` in the manifest). */
  void list(HttpExchange http) throws IOException {
    var query = form(http.getRequestURI().getRawQuery());
    var limit = Integer.parseInt(query.getOrDefault("limit", "500"));
    var page = new ArrayList<Map<String, Object>>();
    String next = null;
    synchronized (counters) {
      for (var each : counters.tailMap(query.getOrDefault("after", ""), false).entrySet()) {
        if (each.getValue().containsKey("removed")) continue;
        if (page.size() == limit) {
          next = (String) page.get(limit - 1).get("uuid");
          break;
        }
        page.add(Map.of("uuid", each.getKey()));
      }
    }
    var answer = new LinkedHashMap<String, Object>();
    answer.put("resources", page);
    answer.put("next", next);
    answer(http, 200, answer);
  }

  void signOn(HttpExchange http) throws IOException {
    var form = form(body(http));
    var uuid = form.getOrDefault("resource_id", "");
    var stamp = form.getOrDefault("timestamp", "");
    var token = form.getOrDefault("user_scoped_resource_token", "");
    var now = System.currentTimeMillis() / 1000;
    // The token covers the person as well: whoever holds a form cannot write another e-mail into it.
    var wanted = sha256(String.join(":", uuid, salt, stamp, form.getOrDefault("user_id", ""), form.getOrDefault("email", "")));
    var age = stamp.matches("\\d{1,12}") ? now - Long.parseLong(stamp) : Long.MAX_VALUE;
    if (!same(wanted, token) || age > SIGN_ON_SECONDS || age < -60) {
      answer(http, 403, Map.of("message", "Open the add-on from its app again."));
      return;
    }
    var session = random();
    synchronized (counters) {
      usedTokens.values().removeIf(until -> until < now);
      sessions.values().removeIf(each -> Long.parseLong(each.get("until")) < now);
      if (usedTokens.putIfAbsent(token, now + SIGN_ON_SECONDS + 60) != null) {
        answer(http, 403, Map.of("message", "Open the add-on from its app again."));
        return;
      }
      var counter = counters.get(uuid);
      if (counter == null || counter.containsKey("removed")) {
        answer(http, 404, Map.of("message", "There is no such counter."));
        return;
      }
      sessions.put(session, Map.of("uuid", uuid, "app", form.getOrDefault("app", ""), "email", form.getOrDefault("email", ""),
        "until", String.valueOf(now + SESSION_SECONDS)));
    }
    var flags = "Path=/; SameSite=Lax" + (publicUrl.startsWith("https:") ? "; Secure" : "");
    http.getResponseHeaders().add("Set-Cookie", "counters_session=" + session + "; HttpOnly; " + flags);
    // The value as it came, byte for byte; never one that could begin another header.
    var navData = form.getOrDefault("nav-data", "");
    if (navData.matches("[\\w=-]+")) http.getResponseHeaders().add("Set-Cookie", "heroku-nav-data=" + navData + "; " + flags);
    http.getResponseHeaders().add("Location", "/dashboard/" + uuid);
    answer(http, 303, null);
  }

  void dashboard(HttpExchange http, String uuid) throws IOException {
    var cookies = String.join("; ", http.getRequestHeaders().getOrDefault("Cookie", List.of()));
    var found = java.util.regex.Pattern.compile("(?:^|; )counters_session=(\\w+)").matcher(cookies);
    Map<String, String> session;
    Map<String, Object> counter;
    synchronized (counters) {
      session = found.find() ? sessions.get(found.group(1)) : null;
      counter = counters.containsKey(uuid) ? Map.copyOf(counters.get(uuid)) : Map.of("removed", true);
    }
    var isTheirs = session != null && session.get("uuid").equals(uuid) && Long.parseLong(session.get("until")) * 1000 > System.currentTimeMillis();
    if (!isTheirs || counter.containsKey("removed")) {
      answer(http, 403, "<p>Open this page from your app: choose the add-on there.</p>");
      return;
    }
    var app = escaped(session.get("app"));
    var addon = escaped((String) counter.get("name"));
    var header = "<script src=\"%s/nav/v1/header.js\" data-app=\"%s\" data-addon=\"%s\" defer></script>".formatted(platform, app, addon);
    var page = "<p>%s, %s of %s stands at <strong>%s</strong>, on plan %s.</p>"
      .formatted(escaped(session.get("email")), addon, app, counter.get("count"), counter.get("plan"));
    answer(http, 200, "<!doctype html><html lang=\"en\"><head><title>" + addon + "</title>" + header + "</head><body>" + page + "</body></html>");
  }

  /** The service itself, for apps: the secret in the address is the whole of its authentication. */
  void count(HttpExchange http, String path, int by) throws IOException {
    var parts = (path + "//").split("/", -1);
    synchronized (counters) {
      var counter = counters.get(parts[1]);
      if (counter == null || counter.containsKey("removed") || !same((String) counter.get("secret"), parts[2])) {
        answer(http, 404, Map.of("message", "There is nothing here."));
        return;
      }
      var count = ((Number) counter.get("count")).longValue() + by;
      if (by > 0) {
        counter.put("count", count);
        save();
      }
      answer(http, 200, Map.of("count", count));
    }
  }

  void save() {
    // Written beside and moved over: a power cut leaves the old file or the new one, never half of one.
    var fresh = Path.of(state + ".new");
    try {
      Files.writeString(fresh, Json.write(counters));
      try (var file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        file.force(true);
      }
      Files.move(fresh, state, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  void answer(HttpExchange http, int status, Object body) throws IOException {
    http.getRequestBody().readNBytes(BODY_BYTES_MAX);
    var text = body == null ? "" : body instanceof String page ? page : Json.write(body);
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    http.getResponseHeaders().set("Content-Type", body instanceof String ? "text/html; charset=utf-8" : "application/json");
    http.getResponseHeaders().set("Cache-Control", "no-store");
    if (status == 401) http.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"counters\"");
    http.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) http.getResponseBody().write(bytes);
  }

  static String body(HttpExchange http) throws IOException {
    var bytes = http.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
    return bytes.length > BODY_BYTES_MAX ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> fields(HttpExchange http) throws IOException {
    try {
      return Json.read(body(http)) instanceof Map<?, ?> map ? (Map<String, Object>) map : null;
    } catch (IllegalArgumentException error) {
      return null;
    }
  }

  static Map<String, String> form(String text) {
    var fields = new HashMap<String, String>();
    for (var pair : (text == null ? "" : text).split("&")) {
      var parts = pair.split("=", 2);
      if (parts.length == 2) fields.putIfAbsent(decoded(parts[0]), decoded(parts[1]));
    }
    return fields;
  }

  static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }

  /** In constant time: how long it takes tells nothing about what was right. */
  static boolean same(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  static String sha256(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  static String random() {
    var bytes = new byte[24];
    CHANCE.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  static String env(String name, String otherwise) {
    var value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  /** The JDK has no JSON. Enough of it for a provider; a real one takes a library. */
  static final class Json {
    private static final int DEPTH_MAX = 64;
    private final String text;
    private int at;

    private Json(String text) {
      this.text = text;
    }

    /** @throws IllegalArgumentException when it is no JSON */
    static Object read(String text) {
      try {
        var json = new Json(text);
        var value = json.value(0);
        json.blank();
        if (json.at < text.length()) throw new IllegalArgumentException("more than one value");
        return value;
      } catch (StringIndexOutOfBoundsException error) {
        throw new IllegalArgumentException("the end is missing", error);
      }
    }

    private Object value(int depth) {
      if (depth > DEPTH_MAX) throw new IllegalArgumentException("too deep");
      blank();
      switch (text.charAt(at)) {
        case '{' -> {
          var map = new LinkedHashMap<String, Object>();
          for (var isFirst = true; more('}', isFirst); isFirst = false) {
            blank();
            var name = string();
            blank();
            expect(':');
            map.put(name, value(depth + 1));
          }
          return map;
        }
        case '[' -> {
          var list = new ArrayList<>();
          for (var isFirst = true; more(']', isFirst); isFirst = false) list.add(value(depth + 1));
          return list;
        }
        case '"' -> {
          return string();
        }
        default -> {
          var from = at;
          while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) at++;
          var word = text.substring(from, at);
          return switch (word) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> null;
            default -> word.matches("-?\\d{1,18}") ? (Object) Long.parseLong(word) : (Object) Double.parseDouble(word);
          };
        }
      }
    }

    /** Steps over the opening or a comma. @return false at the end */
    private boolean more(char end, boolean isFirst) {
      if (isFirst) at++;
      blank();
      if (text.charAt(at) == end) {
        at++;
        return false;
      }
      if (!isFirst) expect(',');
      return true;
    }

    private String string() {
      expect('"');
      var out = new StringBuilder();
      for (char each; (each = text.charAt(at++)) != '"'; ) {
        if (each != '\\') {
          out.append(each);
          continue;
        }
        var escape = text.charAt(at++);
        switch (escape) {
          case 'n' -> out.append('\n');
          case 't' -> out.append('\t');
          case 'r' -> out.append('\r');
          case 'b' -> out.append('\b');
          case 'f' -> out.append('\f');
          case 'u' -> {
            out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
            at += 4;
          }
          default -> out.append(escape);
        }
      }
      return out.toString();
    }

    private void expect(char wanted) {
      if (text.charAt(at++) != wanted) throw new IllegalArgumentException("expected " + wanted + " at " + (at - 1));
    }

    private void blank() {
      while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) at++;
    }

    static String write(Object value) {
      if (value instanceof String string) return quoted(string);
      if (value instanceof Map<?, ?> map) {
        var parts = new ArrayList<String>();
        map.forEach((name, each) -> parts.add(quoted((String) name) + ":" + write(each)));
        return "{" + String.join(",", parts) + "}";
      }
      if (value instanceof List<?> list) return "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
      return String.valueOf(value);
    }

    private static String quoted(String text) {
      var out = new StringBuilder("\"");
      for (var each : text.toCharArray()) {
        if (each == '"' || each == '\\') out.append('\\').append(each);
        else if (each < ' ') out.append("\\u%04x".formatted((int) each));
        else out.append(each);
      }
      return out.append('"').toString();
    }
  }
}
