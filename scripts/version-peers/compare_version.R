# R's compareVersion, of texts that package_version accepts. (The operators of package_version itself ignore zeros at the
# end of the longer version.)
lines <- readLines(file("stdin"))
for (pair in strsplit(lines, "\t", fixed = TRUE)) {
  valid <- tryCatch({ package_version(pair); TRUE }, error = function(refused) FALSE, warning = function(overflow) FALSE)
  cat(if (valid) switch(compareVersion(pair[1], pair[2]) + 2, "<", "=", ">") else "?", "\n", sep = "")
}
