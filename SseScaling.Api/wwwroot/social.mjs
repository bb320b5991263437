/** The API's calls as the demo makes them. Each answers with null, or a sentence that says what went wrong. */

const send = (method, path, body) => fetch(path, {
  method,
  headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
  body: body === undefined ? undefined : JSON.stringify(body),
});

async function tell(requests) {
  try {
    for (const request of requests) {
      const response = await request();
      if (!response.ok) return (await response.json().catch(() => null))?.detail ?? `HTTP ${response.status}`;
    }
    return null;
  } catch {
    return 'The server cannot be reached.';
  }
}

const publish = (user, data) => send('POST', '/api/publish', {
  topic: `notifications:${user}`, data: { ...data, at: new Date().toISOString() }, key: crypto.randomUUID?.(),
});

/** Tells the followers of a post. */
export const post = (author, postId) => tell([() => send('POST', '/api/posts', { authorId: author, postId })]);

/** From now on the user gets the author's posts; the author hears of it. */
export const follow = (user, author) => tell([
  () => send('PUT', `/api/users/${encodeURIComponent(author)}/followers/${encodeURIComponent(user)}`),
  () => publish(author, { type: 'follow', userId: user }),
]);

export const like = (user, author, postId) => tell([() => publish(author, { type: 'like', userId: user, postId })]);

export const write = (user, to, text) => tell([() => publish(to, { type: 'message', userId: user, text })]);

/** Has a replica stop, where the host allows it. */
export const stopReplica = instance => tell([() => send('POST', '/api/demo/stop', { instance })]);

/** Who is signed in, and until when: `{isRequired, canSignIn, userId, expiresAt}`; null when the server cannot be reached. */
export const session = () => fetch('/api/session').then(response => (response.ok ? response.json() : null), () => null);

/** Signs in as a user, where the demo may. */
export const signIn = user => tell([() => send('POST', `/api/demo/session/${encodeURIComponent(user)}`)]);

/** Ends all rights of a user that were given until now. */
export const revoke = user => tell([() => send('DELETE', `/api/demo/session/${encodeURIComponent(user)}`)]);
