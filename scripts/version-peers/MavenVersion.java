// org.apache.maven.artifact.versioning.ComparableVersion, of Debian's libmaven3-core-java.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class MavenVersion {
    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        StringBuilder out = new StringBuilder();
        for (String line; (line = in.readLine()) != null; ) {
            int tab = line.indexOf('\t');
            ComparableVersion a = new ComparableVersion(line.substring(0, tab));
            ComparableVersion b = new ComparableVersion(line.substring(tab + 1));
            int order = a.compareTo(b);
            out.append(order < 0 ? "<\n" : order > 0 ? ">\n" : "=\n");
        }
        new PrintStream(System.out, false, "UTF-8").append(out).flush();
    }
}
