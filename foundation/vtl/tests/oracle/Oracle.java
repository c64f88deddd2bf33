import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * Answers what Velocity and Jayway's JsonPath make of a template or a path, one line each way:
 * "V template" or "J path document", in Base64; answered by "KIND text", the text in Base64 too.
 */
public class Oracle {
    private static final String DOCUMENT =
        "{\"a\":1,\"b\":[{\"c\":5,\"d\":\"x/y\\\"'\\u00e9\\u2028\"},1.50,1e3,true,null],\"o\":{\"k\":[1]}}";

    private static VelocityEngine shared;

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, true, "US-ASCII");
        String line;
        while ((line = in.readLine()) != null) {
            String[] parts = line.split(" ", -1);
            try {
                out.println(parts[0].equals("V") ? template(decode(parts[1])) : path(decode(parts[1]), decode(parts[2])));
            } catch (PathNotFoundException e) {
                out.println("MISSING ");
            } catch (Throwable e) {
                out.println("ERROR " + encode(String.valueOf(e)));
            }
        }
    }

    private static VelocityEngine engine() {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("directive.foreach.maxloops", "1000");
        engine.init();
        return engine;
    }

    private static String template(String source) {
        // Macros outlive their template, so that a template with macros gets an engine of its own.
        VelocityEngine engine;
        if (source.contains("macro")) {
            engine = engine();
        } else {
            engine = shared = shared == null ? engine() : shared;
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("a", 1);
        map.put("b", "two");
        VelocityContext context = new VelocityContext();
        context.put("m", map);
        context.put("list", new ArrayList<>(Arrays.asList("x", "y", "z")));
        context.put("s", "Hello");
        context.put("n", 7);
        context.put("d", 2.5);
        context.put("t", true);
        context.put("f", false);
        context.put("j", JsonPath.parse(DOCUMENT).json());
        StringWriter writer = new StringWriter();
        engine.evaluate(context, writer, "t", source);
        return "TEXT " + encode(writer.toString());
    }

    private static String path(String source, String document) {
        JsonPath path = JsonPath.compile(source);
        Object found = path.read(document, Configuration.defaultConfiguration());
        return (path.isDefinite() ? "ONE " : "MANY ") + encode(json(found));
    }

    private static String json(Object value) {
        if (value instanceof Map || value instanceof List) {
            return Configuration.defaultConfiguration().jsonProvider().toJson(value);
        }
        return net.minidev.json.JSONValue.toJSONString(value);
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
