# Elixir's Version, by which Hex compares.
IO.stream(:stdio, :line)
|> Enum.each(fn line ->
  [a, b] = line |> String.trim_trailing("\n") |> String.split("\t")

  verdict =
    try do
      case Version.compare(a, b) do
        :lt -> "<"
        :eq -> "="
        :gt -> ">"
      end
    rescue
      Version.InvalidVersionError -> "?"
    end

  IO.puts(verdict)
end)
