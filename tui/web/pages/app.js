// Starts textual-serve's terminal once the font is there: it measures its cells once, with the font that it finds.
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
  script.addEventListener("load", () => window.onload());  // where it begins; the page has long been loaded
  document.body.append(script);
});

// Keys go to the app as soon as it is connected, and to the button when it has ended.
new MutationObserver(() => {
  const states = document.body.classList;
  if (states.contains("-closed")) document.getElementById("again").focus();
  else if (states.contains("-loaded")) document.querySelector(".xterm-helper-textarea").focus();
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
