/** The window in which somebody signed in again: by now session.js has told the others. */

import "../session.js";

// A directory's pages cut the tie to the window that opened this one, and then the person closes it.
if (window.opener) window.close();
