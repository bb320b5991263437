// The page that was asked for first is opened after the login; a token that is here already was not the right one.
const query = new URLSearchParams(location.search);
const returnUrl = query.get('returnUrl');
if (returnUrl) {
  const field = document.createElement('input');
  Object.assign(field, { type: 'hidden', name: 'returnUrl', value: returnUrl });
  document.querySelector('form').append(field);
}
if (query.has('t')) document.getElementById('wrong').textContent = 'This is not the token of this dashboard. It changes with each start of the AppHost.';
