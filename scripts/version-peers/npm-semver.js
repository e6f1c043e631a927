// npm's semver package; with "loose" as argument in its loose mode.
const semver = require(process.env.SEMVER || "semver");
const loose = process.argv[2] === "loose";
const lines = require("fs").readFileSync(0, "utf8").split("\n");
lines.pop();
const out = lines.map((line) => {
  const [a, b] = line.split("\t");
  try {
    return "<=>"[semver.compare(a, b, loose) + 1];
  } catch {
    return "?";
  }
});
process.stdout.write(out.map((verdict) => verdict + "\n").join(""));
