# Gem::Version, which comes with Ruby.
$stdout.sync = false
STDIN.each_line do |line|
  a, b = line.chomp.split("\t", 2)
  begin
    puts %w[= > <][Gem::Version.new(a) <=> Gem::Version.new(b)]
  rescue ArgumentError
    puts "?"
  end
end
