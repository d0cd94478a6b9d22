// Looks for news and shows them. Voting needs nothing of this: it is a plain form.
"use strict";

const shown = document.body.dataset.state;

async function look() {
  let again = 5;
  try {
    const answer = await fetch("/state", { cache: "no-store" });
    if (answer.ok) {
      const now = await answer.json();
      if (now.state !== shown) {
        location.replace("/");
        return;
      }
      again = now.again;
    }
  } catch (error) {
    again = 10;  // out of reach for the moment
  }
  setTimeout(look, 1000 * again);
}

setTimeout(look, 2000);
