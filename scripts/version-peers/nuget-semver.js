// The port of NuGet.Versioning that npm's registry has as @snyk/nuget-semver.
const semver = require(process.env.NUGET_SEMVER || "@snyk/nuget-semver");
// The port reads something into anything; what NuGet itself would refuse is left out,
// and so are build metadata, short versions and hyphens within labels, which the port does not read as NuGet does.
const number = "(?:0|[1-9][0-9]{0,8})";
const label = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z][0-9A-Za-z]*)";
const grammar = new RegExp(`^${number}(?:\\.${number}){2,3}(?:-${label}(?:\\.${label})*)?$`);
const lines = require("fs").readFileSync(0, "utf8").split("\n");
lines.pop();
const out = lines.map((line) => {
  const [a, b] = line.split("\t");
  if (!grammar.test(a) || !grammar.test(b)) return "?";
  try {
    return "<=>"[semver.compare(a, b) + 1];
  } catch {
    return "?";
  }
});
process.stdout.write(out.map((verdict) => verdict + "\n").join(""));
