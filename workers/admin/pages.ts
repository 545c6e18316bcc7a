/** The pages around the board: signing in and out. Plain HTML forms; no script. */

export const PAGES_STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(22rem, 100vw - 3rem); }
h1 { font-size: 1.4rem; }
label { display: block; margin-bottom: .3rem; }
input, button { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; }
input { border: 1px solid GrayText; border-radius: .4rem; }
button { margin-top: 1rem; border: 0; border-radius: .4rem; background: #1d4ed8; color: #fff; cursor: pointer; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #60a5fa; outline-offset: 2px; }
.fault { padding: .6rem; border-left: .3rem solid #dc2626; }
`;

const page = (title: string, stylePath: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Warble</title>
<link rel="stylesheet" href="${stylePath}">
</head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>
`;

/** @param fault what went wrong, of our own words. */
export const signInPage = (action: string, stylePath: string, fault?: string): string =>
  page(
    "Queues: sign in",
    stylePath,
    `${fault ? `<p class="fault" role="alert" id="fault">${fault}</p>` : ""}
<form method="post" action="${action}">
<label for="password">Password of the operators</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus${
      fault ? ' aria-invalid="true" aria-describedby="fault"' : ""
    }>
<button>Sign in</button>
</form>`,
  );

export const signOutPage = (action: string, stylePath: string, backPath: string): string =>
  page(
    "Queues: sign out",
    stylePath,
    `<form method="post" action="${action}"><button autofocus>Sign out</button></form>
<p><a href="${backPath}">Back to the queues</a></p>`,
  );
