// SPDX-License-Identifier: BSD-3-Clause
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.io.FileInputStream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** java Get.java CERTIFICATE URL http-client|url-connection */
class Get {
    static SSLContext trusting(String certificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("server", CertificateFactory.getInstance("X.509")
            .generateCertificate(new FileInputStream(certificate)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] args) throws Exception {
        SSLContext context = trusting(args[0]);
        URI url = URI.create(args[1]);
        if (args[2].equals("http-client")) {
            HttpClient client = HttpClient.newBuilder().sslContext(context).build();
            System.out.println(client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body());
        } else {
            HttpsURLConnection connection = (HttpsURLConnection) url.toURL().openConnection();
            connection.setSSLSocketFactory(context.getSocketFactory());
            System.out.write(connection.getInputStream().readAllBytes());
            System.out.flush();
        }
    }
}
