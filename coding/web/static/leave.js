// The button in the bar that ends the session, so that nobody else at this browser codes in one's name.

import { ask, say, waiting } from "/static/app.js";

async function leave() {
  const n = waiting().length;
  const kept = `${n === 1 ? "One act has" : `${n} acts have`} not reached the server. What is kept in this browser is sent when you enter here again. Leave?`;
  if (n && !confirm(kept)) return;
  try {
    await ask("/leave", {});
  } catch (error) {
    if (error.status !== 401) return say("leave", `You have not left: ${error.message}`, true);
  }
  location.assign("/enter");
}

document.getElementById("leave").addEventListener("click", leave);
