const shown = new Set();

function showConnection() {
  const isLost = [...shown].some(stream => stream.isLost);
  const place = document.getElementById('connection');
  place.textContent = isLost ? 'Connection lost – the AppHost has stopped or restarts. Trying again …' : '';
  place.classList.toggle('lost', isLost);
}

/**
 * Follows a stream of server-sent events. A page that nobody sees lets go of its stream, since a browser opens no more than six
 * connections to a host: seven tabs of the dashboard would block each other. `address` is asked for the URL at each (re)connect, so that it
 * can name where to go on. Returns a function that ends it.
 */
export function follow(address, handlers) {
  const stream = { isLost: false };
  let source = null, retry = 0;
  const open = () => {
    source = new EventSource(address());
    source.onopen = () => { stream.isLost = false; showConnection(); handlers.open?.(); };
    source.onerror = () => {
      close();
      stream.isLost = true;
      showConnection();
      retry = setTimeout(open, 1500);
      checkLogin();
    };
    for (const [name, handler] of Object.entries(handlers)) {
      if (name !== 'open') source.addEventListener(name, event => handler(JSON.parse(event.data)));
    }
  };
  const close = () => { clearTimeout(retry); source?.close(); source = null; };
  const onVisibility = () => { if (document.hidden) close(); else if (!source) open(); };
  document.addEventListener('visibilitychange', onVisibility);
  shown.add(stream);
  open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    shown.delete(stream);
    close();
    showConnection();
  };
}

/** After a restart of the AppHost the cookie is of no use any more; the login page says so. */
async function checkLogin() {
  const response = await fetch('/api/application').catch(() => null);
  if (response?.status === 401) location.assign(`/login?returnUrl=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Asks for JSON; an error has the server's own sentence. */
export async function ask(url, options) {
  const response = await fetch(url, options);
  if (response.status === 401) await checkLogin();
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.detail ?? `${response.status} ${response.statusText}`);
  return body;
}
