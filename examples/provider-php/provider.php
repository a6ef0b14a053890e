<?php
// Counters as an add-on, with PHP's own functions and nothing else: what a provider answers when no SDK does it.
//
//     php -S 127.0.0.1:4567 provider.php
//
// An app counts with POST on COUNTERS_URL and reads with GET. What the platform asks is written in docs/guides/without-the-sdk.md.
declare(strict_types=1);

const BODY_BYTES_MAX = 64 * 1024;
const SIGN_ON_SECONDS = 300;
const SESSION_SECONDS = 8 * 3600;

$manifest = json_decode(file_get_contents(getenv('ADDON_MANIFEST') ?: 'addon-manifest.json'), true, 32, JSON_THROW_ON_ERROR);
$plans = array_column($manifest['plans'], 'name');
$publicUrl = getenv('PUBLIC_URL') ?: 'http://' . $_SERVER['SERVER_NAME'] . ':' . $_SERVER['SERVER_PORT'];
$platform = getenv('PLATFORM') ?: 'http://localhost:5055';

/**
 * Works on what is kept, while nobody else does: PHP begins anew with each request, and several may come at once.
 * One counter for each add-on, by the platform's uuid. A removed one is remembered: its uuid never comes back.
 */
function withState(callable $work): mixed
{
    $path = getenv('STATE') ?: 'counters.json';
    $lock = fopen("$path.lock", 'c');
    flock($lock, LOCK_EX);
    $before = is_file($path) ? file_get_contents($path) : '{}';
    $state = json_decode($before, true) + ['counters' => [], 'sessions' => [], 'used' => []];
    try {
        return $work($state);
    } finally {
        $after = json_encode($state);
        if ($after !== $before) {
            // Written beside and moved over: a power cut leaves the old file or the new one, never half of one.
            $new = fopen("$path.new", 'w');
            fwrite($new, $after);
            fsync($new);
            fclose($new);
            rename("$path.new", $path);
        }
        flock($lock, LOCK_UN);
    }
}

function answer(int $status, mixed $body = null, array $headers = []): void
{
    http_response_code($status);
    header('Cache-Control: no-store');
    header('Content-Type: ' . (is_string($body) ? 'text/html; charset=utf-8' : 'application/json'));
    foreach ($headers as $header) {
        header($header, false);
    }
    echo $body === null ? '' : (is_string($body) ? $body : json_encode($body, JSON_UNESCAPED_SLASHES));
}

/** The request's body, or null for one that nobody would send. */
function body(): ?string
{
    $text = file_get_contents('php://input', length: BODY_BYTES_MAX + 1);
    return strlen($text) > BODY_BYTES_MAX ? null : $text;
}

function fields(): ?array
{
    $value = json_decode(body() ?? '', false);
    return is_object($value) ? (array) $value : null;
}

/** Both the id and the password are checked, in constant time, and a stranger learns nothing else. */
function isPlatform(array $manifest): bool
{
    $isUser = hash_equals($manifest['id'], $_SERVER['PHP_AUTH_USER'] ?? '');
    $isPassword = hash_equals($manifest['api']['password'], $_SERVER['PHP_AUTH_PW'] ?? '');
    if ($isUser && $isPassword) {
        return true;
    }
    answer(401, ['message' => 'Wrong id or password.'], ['WWW-Authenticate: Basic realm="counters"']);
    return false;
}

function provision(array $plans, string $publicUrl): void
{
    $asked = fields();
    $uuid = $asked['uuid'] ?? null;
    if (!is_string($uuid)) {
        answer(400, ['message' => 'The body must be a JSON object with a uuid.']);
        return;
    }
    if (!in_array($asked['plan'] ?? null, $plans, true)) {
        // What stands in `message` is what the customer reads.
        answer(422, ['message' => 'There is no such plan. There are ' . implode(', ', $plans) . '.']);
        return;
    }
    $counter = withState(function (array &$state) use ($uuid, $asked): array {
        // The same uuid again is the same request: an answer of ours was lost on its way.
        $state['counters'][$uuid] ??= [
            'plan' => $asked['plan'],
            'name' => is_string($asked['name'] ?? null) ? $asked['name'] : $uuid,
            'secret' => bin2hex(random_bytes(24)),
            'count' => 0,
            'removed' => false,
        ];
        return $state['counters'][$uuid];
    });
    if ($counter['removed']) {
        answer(410, ['message' => 'This counter was removed.']);
        return;
    }
    $config = ['COUNTERS_URL' => "$publicUrl/$uuid/{$counter['secret']}"];
    answer(200, ['id' => $uuid, 'config' => $config, 'message' => 'Counting from 0.']);
}

function changePlan(string $uuid, array $plans): void
{
    $plan = fields()['plan'] ?? null;
    $status = withState(function (array &$state) use ($uuid, $plan, $plans): int {
        if ($state['counters'][$uuid]['removed'] ?? true) {
            return 410;
        }
        if (!in_array($plan, $plans, true)) {
            return 422;
        }
        $state['counters'][$uuid]['plan'] = $plan;
        return 200;
    });
    answer($status, ['message' => match ($status) {
        200 => "The plan is $plan now.",
        410 => 'There is no such counter.',
        422 => 'There is no such plan. There are ' . implode(', ', $plans) . '.',
    }]);
}

function deprovision(string $uuid): void
{
    $wasThere = withState(function (array &$state) use ($uuid): bool {
        $wasThere = !($state['counters'][$uuid]['removed'] ?? true);
        // One that never came is remembered too: a provision that is still under way must not make it afterwards.
        $state['counters'][$uuid] = ['removed' => true];
        return $wasThere;
    });
    $wasThere ? answer(204) : answer(410, ['message' => 'There is no such counter.']);
}

/** What is kept, page by page: the platform compares its books with it (`lists_resources` in the manifest). */
function listKept(): void
{
    $after = (string) ($_GET['after'] ?? '');
    $limit = max(1, (int) ($_GET['limit'] ?? 500));
    $live = withState(fn (array &$state): array => array_filter($state['counters'], fn (array $each): bool => !$each['removed']));
    $uuids = array_values(array_filter(array_map('strval', array_keys($live)), fn (string $uuid): bool => $uuid > $after));
    sort($uuids);
    $page = array_slice($uuids, 0, $limit);
    answer(200, [
        'resources' => array_map(fn (string $uuid): array => ['uuid' => $uuid], $page),
        'next' => count($uuids) > $limit ? end($page) : null,
    ]);
}

function signOn(array $manifest, string $publicUrl): void
{
    $field = fn (string $name): string => is_string($_POST[$name] ?? null) ? $_POST[$name] : '';
    [$uuid, $stamp, $token] = [$field('resource_id'), $field('timestamp'), $field('user_scoped_resource_token')];
    // The token covers the person as well: whoever holds a form cannot write another e-mail into it.
    $wanted = hash('sha256', implode(':', [$uuid, $manifest['api']['sso_salt'], $stamp, $field('user_id'), $field('email')]));
    $age = preg_match('/^\d{1,12}$/', $stamp) ? time() - (int) $stamp : PHP_INT_MAX;
    if (!hash_equals($wanted, $token) || $age > SIGN_ON_SECONDS || $age < -60) {
        answer(403, ['message' => 'Open the add-on from its app again.']);
        return;
    }
    $session = bin2hex(random_bytes(32));
    $status = withState(function (array &$state) use ($uuid, $token, $session, $field): int {
        $now = time();
        $state['used'] = array_filter($state['used'], fn (int $until): bool => $until >= $now);
        $state['sessions'] = array_filter($state['sessions'], fn (array $each): bool => $each['until'] >= $now);
        if (isset($state['used'][$token])) {
            return 403;
        }
        $state['used'][$token] = $now + SIGN_ON_SECONDS + 60;
        if ($state['counters'][$uuid]['removed'] ?? true) {
            return 404;
        }
        $who = ['uuid' => $uuid, 'app' => $field('app'), 'email' => $field('email')];
        // Kept by its digest: whoever reads the file cannot open a page with it.
        $state['sessions'][hash('sha256', $session)] = $who + ['until' => $now + SESSION_SECONDS];
        return 303;
    });
    if ($status !== 303) {
        answer($status, ['message' => $status === 404 ? 'There is no such counter.' : 'Open the add-on from its app again.']);
        return;
    }
    $flags = 'Path=/; SameSite=Lax' . (str_starts_with($publicUrl, 'https:') ? '; Secure' : '');
    $cookies = ["Set-Cookie: counters_session=$session; HttpOnly; $flags"];
    // The value as it came, byte for byte; never one that could begin another header.
    if (preg_match('/^[\w=-]+$/D', $field('nav-data'))) {
        $cookies[] = 'Set-Cookie: heroku-nav-data=' . $field('nav-data') . "; $flags";
    }
    answer(303, null, ["Location: /dashboard/$uuid", ...$cookies]);
}

function dashboard(string $uuid, string $platform): void
{
    $cookie = $_COOKIE['counters_session'] ?? '';
    [$session, $counter] = withState(fn (array &$state): array => [
        is_string($cookie) ? $state['sessions'][hash('sha256', $cookie)] ?? null : null,
        $state['counters'][$uuid] ?? ['removed' => true],
    ]);
    $isTheirs = $session !== null && $session['uuid'] === $uuid && $session['until'] >= time();
    if (!$isTheirs || $counter['removed']) {
        answer(403, '<p>Open this page from your app: choose the add-on there.</p>');
        return;
    }
    [$app, $addon, $email, $plan] = array_map('htmlspecialchars', [$session['app'], $counter['name'], $session['email'], $counter['plan']]);
    $header = "<script src=\"$platform/nav/v1/header.js\" data-app=\"$app\" data-addon=\"$addon\" defer></script>";
    $page = "<p>$email, $addon of $app stands at <strong>{$counter['count']}</strong>, on plan $plan.</p>";
    answer(200, "<!doctype html><html lang=\"en\"><head><title>$addon</title>$header</head><body>$page</body></html>");
}

/** The service itself, for apps: the secret in the address is the whole of its authentication. */
function countUp(string $path, int $by): void
{
    [, $uuid, $secret] = array_pad(explode('/', $path), 3, '');
    $count = withState(function (array &$state) use ($uuid, $secret, $by): ?int {
        $counter = $state['counters'][$uuid] ?? ['removed' => true];
        if ($counter['removed'] || !hash_equals($counter['secret'], $secret)) {
            return null;
        }
        return $state['counters'][$uuid]['count'] += $by;
    });
    $count === null ? answer(404, ['message' => 'There is nothing here.']) : answer(200, ['count' => $count]);
}

$method = $_SERVER['REQUEST_METHOD'];
$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$id = rawurldecode(preg_match('#^/heroku/resources/([^/]+)$#', $path, $found) ? $found[1] : '');
match (true) {
    $path === '/health' => answer(200, 'ok'),
    $method === 'POST' && $path === '/heroku/sso' => signOn($manifest, $publicUrl),
    $method === 'GET' && str_starts_with($path, '/dashboard/') => dashboard(substr($path, 11), $platform),
    $path === '/heroku/resources' || $id !== '' => isPlatform($manifest) && match ("$method " . ($id === '' ? 'all' : 'one')) {
        'POST all' => provision($plans, $publicUrl),
        'GET all' => listKept(),
        'PUT one' => changePlan($id, $plans),
        'DELETE one' => deprovision($id),
        default => answer(405, ['message' => 'Not here.']),
    },
    default => countUp($path, $method === 'POST' ? 1 : 0),
};
