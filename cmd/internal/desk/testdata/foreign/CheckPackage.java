import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.Security;
import java.security.cert.*;
import java.util.*;
import java.util.zip.*;
import javax.xml.parsers.DocumentBuilderFactory;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.w3c.dom.*;

/**
 * Reads and verifies packages with nothing of ours: the JDK's ZipInputStream, which reads local headers only, and
 * Bouncy Castle's CMS and TSP. Prints a line for each file: its name, a tab, "ok" or what is wrong.
 *
 * java -cp bcprov.jar:bcpkix.jar:bcutil.jar CheckPackage.java AUTHORITY.der TSA.der PACKAGE…
 */
public class CheckPackage {
    static final String DIGESTS = "http://www.w3.org/2000/09/xmldsig#";
    static X509Certificate authority, tsa;

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        authority = certificate(args[0]);
        tsa = certificate(args[1]);
        for (String file : Arrays.copyOfRange(args, 2, args.length)) {
            String said = "ok";
            try {
                check(file);
            } catch (Exception e) {
                said = e.toString().replace('\n', ' ');
            }
            System.out.println(file + "\t" + said);
        }
    }

    static X509Certificate certificate(String file) throws Exception {
        try (InputStream in = new FileInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    static void check(String file) throws Exception {
        Map<String, byte[]> digests = new TreeMap<>(), meta = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new FileInputStream(file))) {
            boolean first = true;
            for (ZipEntry e; (e = zip.getNextEntry()) != null; first = false) {
                String name = e.getName();
                if (first != name.equals("mimetype")) throw new Exception("mimetype is not the first entry");
                if (first || name.startsWith("META-INF/")) meta.put(name, zip.readAllBytes());
                else if (digests.put(name, sha256(zip)) != null) throw new Exception("two entries " + name);
            }
        }
        if (!"application/vnd.etsi.asic-e+zip".equals(new String(meta.get("mimetype"), "US-ASCII"))) throw new Exception("mimetype");
        byte[] manifest = meta.get("META-INF/ASiCManifest001.xml");
        compare(manifest, digests);
        signature(manifest, meta.get("META-INF/signature001.p7s"));
        byte[] stamp = meta.get("META-INF/timestamp001.tst");
        if (stamp == null) return;
        byte[] own = meta.get("META-INF/ASiCManifest002.xml"); // says what the timestamp is over
        digests.put("META-INF/ASiCManifest001.xml", sha256(new ByteArrayInputStream(manifest)));
        compare(own, digests);
        timestamp(new TimeStampToken(new CMSSignedData(stamp)), own);
    }

    static byte[] sha256(InputStream in) throws Exception {
        MessageDigest d = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[1 << 16];
        for (int n; (n = in.read(buffer)) > 0; ) d.update(buffer, 0, n);
        return d.digest();
    }

    /** compare compares every digest of the manifest with the file, and the files with those that it lists. */
    static void compare(byte[] manifest, Map<String, byte[]> digests) throws Exception {
        DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
        f.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        f.setNamespaceAware(true);
        NodeList refs = f.newDocumentBuilder().parse(new ByteArrayInputStream(manifest))
            .getElementsByTagNameNS("http://uri.etsi.org/02918/v1.2.1#", "DataObjectReference");
        if (refs.getLength() != digests.size()) throw new Exception(refs.getLength() + " files listed, " + digests.size() + " there");
        for (int i = 0; i < refs.getLength(); i++) {
            Element ref = (Element) refs.item(i);
            String name = new java.net.URI(ref.getAttribute("URI")).getPath();
            String value = ref.getElementsByTagNameNS(DIGESTS, "DigestValue").item(0).getTextContent();
            if (!Arrays.equals(Base64.getDecoder().decode(value), digests.get(name))) throw new Exception("digest of " + name);
        }
    }

    static void signature(byte[] manifest, byte[] p7s) throws Exception {
        CMSSignedData signed = new CMSSignedData(new CMSProcessableByteArray(manifest), p7s);
        SignerInformation signer = signed.getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder holder = (X509CertificateHolder) signed.getCertificates().getMatches(signer.getSID()).iterator().next();
        if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(holder))) throw new Exception("signature");
        SigningCertificateV2 ess = SigningCertificateV2.getInstance(signer.getSignedAttributes().get(PKCSObjectIdentifiers.id_aa_signingCertificateV2).getAttrValues().getObjectAt(0));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(holder.getEncoded());
        if (!Arrays.equals(ess.getCerts()[0].getCertHash(), digest)) throw new Exception("another signing certificate");
        Attribute attribute = signer.getUnsignedAttributes().get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        TimeStampToken token = new TimeStampToken(org.bouncycastle.asn1.cms.ContentInfo.getInstance(attribute.getAttrValues().getObjectAt(0)));
        timestamp(token, signer.getSignature());
        path(signed, new JcaX509CertificateConverter().getCertificate(holder), token.getTimeStampInfo().getGenTime());
    }

    /** timestamp verifies a token of the one authority over bytes. */
    static void timestamp(TimeStampToken token, byte[] over) throws Exception {
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(tsa));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(over);
        if (!Arrays.equals(token.getTimeStampInfo().getMessageImprintDigest(), digest)) throw new Exception("a timestamp over something else");
    }

    /** path builds the certificate's path to the authority at that time; with revocation lists it asks them. */
    static void path(CMSSignedData signed, X509Certificate cert, Date at) throws Exception {
        List<Object> more = new ArrayList<>();
        for (Object crl : signed.getCRLs().getMatches(null)) more.add(new JcaX509CRLConverter().getCRL((org.bouncycastle.cert.X509CRLHolder) crl));
        PKIXParameters p = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
        p.setRevocationEnabled(!more.isEmpty());
        p.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(more)));
        p.setDate(at);
        CertificateFactory f = CertificateFactory.getInstance("X.509");
        CertPathValidator.getInstance("PKIX", "SUN").validate(f.generateCertPath(List.of(cert)), p);
    }
}
