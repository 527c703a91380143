// SPDX-License-Identifier: BSD-3-Clause
// A TLS server of Java, a thread for each client. Usage: java Server.java PORT KEYSTORE (PKCS #12, password "secret")
import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

public class Server {
    public static void main(String[] words) throws Exception {
        char[] password = "secret".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(words[1])) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(Integer.parseInt(words[0]), 64, InetAddress.getLoopbackAddress());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        while (true) {
            SSLSocket client = (SSLSocket) listener.accept();
            threads.execute(() -> serve(client));
        }
    }

    private static void serve(SSLSocket client) {
        try (client) {
            client.setSoTimeout(2000);
            client.startHandshake();
        } catch (Exception | Error failed) {
            // what a client does wrong is its own affair
        }
    }
}
