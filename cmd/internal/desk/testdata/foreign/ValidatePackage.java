import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.util.Arrays;

/**
 * Validates packages with the European Commission's DSS library under its own default policy, offline: the trust
 * anchors are the two certificates given, and nothing is fetched. Prints, for each file, what DSS says of its
 * container and of its signature, one fact a line: file, tab, fact, tab, value.
 *
 * java -cp 'lib/*' ValidatePackage.java AUTHORITY.der TSA.der PACKAGE…
 */
public class ValidatePackage {
    public static void main(String[] args) throws Exception {
        CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
        for (String file : Arrays.copyOf(args, 2)) anchors.addCertificate(DSSUtils.loadCertificate(new File(file)));
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(); // without any source of the network's
        verifier.setTrustedCertSources(anchors);
        for (String file : Arrays.copyOfRange(args, 2, args.length)) {
            try {
                validate(file, verifier);
            } catch (Exception e) {
                say(file, "exception", e.toString());
            }
        }
    }

    static void validate(String file, CommonCertificateVerifier verifier) throws Exception {
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        say(file, "container", String.valueOf(simple.getContainerType()));
        say(file, "signatures", String.valueOf(simple.getSignaturesCount()));
        for (String id : simple.getSignatureIdList()) {
            say(file, "format", String.valueOf(simple.getSignatureFormat(id)));
            tell(file, "signature", simple, id);
        }
        for (String id : simple.getTimestampIdList()) tell(file, "timestamp", simple, id);
    }

    static void tell(String file, String what, SimpleReport simple, String id) {
        Indication indication = simple.getIndication(id);
        say(file, what, indication + (simple.getSubIndication(id) == null ? "" : " " + simple.getSubIndication(id)));
        simple.getAdESValidationErrors(id).forEach(m -> say(file, what + " error", m.getKey() + " " + m.getValue()));
        simple.getAdESValidationWarnings(id).forEach(m -> say(file, what + " warning", m.getKey() + " " + m.getValue()));
    }

    static void say(String file, String fact, String value) {
        System.out.println(file + "\t" + fact + "\t" + value.replace('\n', ' '));
    }
}
