/** The demo: one user's notifications, live, and the buttons that try to break them. */
import { SharedStream } from './sse-shared.mjs';
import { SequenceCheck } from './sequence.mjs';
import { BoundedList, MAX_ITEMS, feedItem, rawItem } from './feed.mjs';
import { Right } from './right.mjs';
import * as social from './social.mjs';

const $ = id => document.getElementById(id);
const user = new URLSearchParams(location.search).get('user') || '42';

const check = new SequenceCheck();
let recent = [];
let unread = 0;
let received = 0;
let gaps = 0;
let paused = false;
let posts = 0;
let drawing = false;

const feed = new BoundedList($('feed'), item => feedItem(item, act));
const raw = new BoundedList($('raw'), rawItem);

$('user').value = user;
$('whoami').textContent = user;
document.title = `User ${user} · SseScaling`;

const stream = new SharedStream(`/api/notifications?userId=${encodeURIComponent(user)}`, {
  onMessage: message => {
    raw.add(message);
    // One tab is enough: they all have the same cookie.
    if (message.name === 'reauthenticate' && stream.isReader) right.end();
  },
  onEvent: value => {
    received++;
    unread++;
    check.take(value);
    remember({ value, at: Date.now(), unread: true });
  },
  onGap: gap => {
    gaps++;
    remember({ value: { type: 'gap', ...gap }, at: Date.now(), unread: true });
  },
  onState: showState,
  // What a tab that is opened later is given, so that all show the same.
  snapshot: () => ({ recent, unread, received, gaps, paused, check: check.state }),
  onSnapshot: restore,
  onNote: note => {
    if (note === 'read') read();
    else showPaused(note === 'paused');
  },
});

const right = new Right(user, () => stream.command('start'));

function remember(item) {
  recent.push(item);
  if (recent.length > MAX_ITEMS) recent.shift();
  feed.add(item);
  drawSoon();
}

function restore(snapshot) {
  if (!snapshot) return;
  ({ recent, unread, received, gaps } = snapshot);
  check.state = snapshot.check;
  feed.clear();
  for (const item of recent) feed.add(item);
  showPaused(snapshot.paused);
  drawSoon();
}

function showState(state, problem) {
  $('badge').dataset.state = state;
  $('badge').textContent = problem ?? state;
  drawSoon();
}

function showPaused(now) {
  paused = now;
  $('pause').setAttribute('aria-pressed', String(now));
  $('pause').textContent = now ? 'Read again' : 'Pause reading';
}

/** Figures once per frame, however many events came. */
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    $('unread').textContent = unread > 999 ? '999+' : String(unread);
    $('unread').hidden = unread === 0;
    $('bell').setAttribute('aria-label', `Notifications, ${unread} unread: mark as read`);
    $('received').textContent = received.toLocaleString('en');
    $('checked').textContent = check.checked.toLocaleString('en');
    $('lost').textContent = String(check.lost);
    $('repeated').textContent = String(check.repeated);
    $('gaps').textContent = String(gaps);
    $('verdict').dataset.state = check.lost + check.repeated + gaps === 0 ? 'good' : 'bad';
    $('position').textContent = stream.lastEventId ?? 'none yet';
    $('reader').textContent = stream.isReader ? 'this tab' : 'another tab';
    $('stop').hidden = $('served').hidden = !stream.servedBy;
    $('replica').textContent = stream.servedBy ?? '';
    $('empty').hidden = recent.length > 0;
  });
}

function read() {
  unread = 0;
  for (const item of recent) item.unread = false;
  for (const item of $('feed').children) item.classList.remove('unread');
  drawSoon();
}

/** Does something as this user and says how it went. */
async function act(action, other, detail) {
  const calls = {
    like: () => social.like(user, other, detail ?? `${other}-1`),
    follow: () => social.follow(user, other),
    post: () => social.post(user, detail),
    write: () => social.write(user, other, detail),
  };
  const done = {
    like: `You like a post of user ${other}.`, follow: `You follow user ${other}.`, post: `Your followers hear of post ${detail}.`,
    write: `Sent to user ${other}.`,
  };
  const problem = await calls[action]();
  $('said').dataset.state = problem ? 'bad' : 'good';
  $('said').textContent = problem ?? done[action];
}

$('bell').addEventListener('click', () => {
  read();
  stream.tell('read');
});
$('who').addEventListener('submit', event => {
  event.preventDefault();
  location.search = `?user=${encodeURIComponent($('user').value.trim() || '42')}`;
});
$('post').addEventListener('click', () => act('post', user, `${user}-${Date.now().toString(36)}-${++posts}`));
$('act').addEventListener('submit', event => {
  event.preventDefault();
  const other = $('other').value.trim();
  if (other) act(event.submitter.value, other, event.submitter.value === 'write' ? $('text').value : undefined);
});
$('drop').addEventListener('click', () => stream.command('drop'));
$('pause').addEventListener('click', () => {
  showPaused(!paused);
  stream.command(paused ? 'pause' : 'resume');
  stream.tell(paused ? 'paused' : 'reading');
});
$('stop').addEventListener('click', async () => {
  const replica = stream.servedBy;
  const problem = await social.stopReplica(replica);
  $('stopped').dataset.state = problem ? 'bad' : 'good';
  $('stopped').textContent = problem ?? `${replica} stops; the stream goes on elsewhere. The dashboard starts it again.`;
});
window.addEventListener('pagehide', () => stream.close());
window.addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
drawSoon();
