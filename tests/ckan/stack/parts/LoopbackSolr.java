import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Properties;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;

/** Serves the cores of a home folder, arguments: the folder, the port. Java compiles this file when it starts it. */
public final class LoopbackSolr {
    private static ServletContextHandler webApplication(String home) {
        var context = new ServletContextHandler(ServletContextHandler.SESSIONS);
        context.setContextPath("/solr");
        context.setAttribute(SolrDispatchFilter.SOLRHOME_ATTRIBUTE, home);
        context.setAttribute(SolrDispatchFilter.PROPERTIES_ATTRIBUTE, new Properties());
        context.addEventListener(new CoreContainerProvider());
        context.addFilter(SolrDispatchFilter.class, "/*", EnumSet.of(DispatcherType.REQUEST));
        return context;
    }

    public static void main(String[] arguments) throws Exception {
        var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.parseInt(arguments[1]));
        var server = new Server(address);
        server.setHandler(webApplication(arguments[0]));
        server.setStopAtShutdown(true); // the index is closed when the process is told to end
        server.start();
        server.join();
    }
}
