// Starts textual-serve's terminal when the font is there: it measures its cells once, with the font that it finds.
"use strict";

addEventListener("load", async () => {
  document.getElementById("again").addEventListener("click", () => location.reload());
  try {
    await document.fonts.load('16px "Roboto Mono"');
  } catch (error) {
    console.warn("The font could not be loaded; the browser's own is taken.", error);
  }
  const script = document.createElement("script");
  script.src = "/static/js/textual.js";
  script.addEventListener("load", async () => {
    await window.onload();  // textual.js begins there, and the page has long been loaded
    document.querySelector(".xterm-helper-textarea")?.focus();
  });
  document.body.append(script);
});

// The button takes the focus when the app has ended: Enter opens it again.
new MutationObserver(() => {
  if (document.body.classList.contains("-closed")) document.getElementById("again").focus();
}).observe(document.documentElement, { attributes: true, subtree: true, attributeFilter: ["class"] });
