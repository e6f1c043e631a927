//! Artifacts that carry no Maven metadata because Gradle, Ant or Bazel built them, and the group they are published
//! in. The file name and the manifest give the artifact; only this table can give the group.

/// An artifact's name and its group. A name that ends in `*` stands for every name that begins so.
const GROUPS: &[(&str, &str)] = &[
    ("activation", "javax.activation"),
    ("annotations-api", "org.apache.tomcat"),
    ("ant", "org.apache.ant"),
    ("asm", "org.ow2.asm"),
    ("asm-*", "org.ow2.asm"),
    ("aspectjrt", "org.aspectj"),
    ("aspectjweaver", "org.aspectj"),
    ("automaton", "dk.brics.automaton"),
    ("bcmail-*", "org.bouncycastle"),
    ("bcpg-*", "org.bouncycastle"),
    ("bcpkix-*", "org.bouncycastle"),
    ("bcprov-*", "org.bouncycastle"),
    ("bctls-*", "org.bouncycastle"),
    ("bcutil-*", "org.bouncycastle"),
    ("byte-buddy", "net.bytebuddy"),
    ("commons-beanutils", "commons-beanutils"),
    ("commons-codec", "commons-codec"),
    ("commons-collections", "commons-collections"),
    ("commons-collections4", "org.apache.commons"),
    ("commons-compress", "org.apache.commons"),
    ("commons-configuration", "commons-configuration"),
    ("commons-configuration2", "org.apache.commons"),
    ("commons-dbcp2", "org.apache.commons"),
    ("commons-digester", "commons-digester"),
    ("commons-fileupload", "commons-fileupload"),
    ("commons-fileupload2-*", "org.apache.commons"),
    ("commons-httpclient", "commons-httpclient"),
    ("commons-io", "commons-io"),
    ("commons-lang", "commons-lang"),
    ("commons-lang3", "org.apache.commons"),
    ("commons-logging", "commons-logging"),
    ("commons-net", "commons-net"),
    ("commons-pool2", "org.apache.commons"),
    ("commons-text", "org.apache.commons"),
    ("derby", "org.apache.derby"),
    ("dom4j", "org.dom4j"),
    ("elasticsearch", "org.elasticsearch"),
    ("elasticsearch-*", "org.elasticsearch"),
    ("grpc-*", "io.grpc"),
    ("gson", "com.google.code.gson"),
    ("guava", "com.google.guava"),
    ("guice", "com.google.inject"),
    ("guice-*", "com.google.inject.extensions"),
    ("h2", "com.h2database"),
    ("hibernate-validator", "org.hibernate.validator"),
    ("hsqldb", "org.hsqldb"),
    ("ivy", "org.apache.ivy"),
    ("jackson-core-asl", "org.codehaus.jackson"),
    ("jackson-jaxrs", "org.codehaus.jackson"),
    ("jackson-mapper-asl", "org.codehaus.jackson"),
    ("jackson-xc", "org.codehaus.jackson"),
    ("jasper", "org.apache.tomcat"),
    ("jdo-api", "javax.jdo"),
    ("jsr305", "com.google.code.findbugs"),
    ("jta", "javax.transaction"),
    ("kafka-clients", "org.apache.kafka"),
    ("kafka_2*", "org.apache.kafka"),
    ("kotlin-*", "org.jetbrains.kotlin"),
    ("libfb303", "org.apache.thrift"),
    ("libthrift", "org.apache.thrift"),
    ("log4j", "log4j"),
    ("log4j-api", "org.apache.logging.log4j"),
    ("log4j-core", "org.apache.logging.log4j"),
    ("lucene-*", "org.apache.lucene"),
    ("lz4-java", "org.lz4"),
    ("micrometer-*", "io.micrometer"),
    ("mysql-connector-j", "com.mysql"),
    ("mysql-connector-java", "mysql"),
    ("okhttp", "com.squareup.okhttp3"),
    ("okio", "com.squareup.okio"),
    ("okio-jvm", "com.squareup.okio"),
    ("opensearch", "org.opensearch"),
    ("oro", "oro"),
    ("postgresql", "org.postgresql"),
    ("protobuf-java", "com.google.protobuf"),
    ("reactor-core", "io.projectreactor"),
    ("reactor-netty-*", "io.projectreactor.netty"),
    ("RoaringBitmap", "org.roaringbitmap"),
    ("rocksdbjni", "org.rocksdb"),
    ("rxjava", "io.reactivex.rxjava3"),
    ("scala-compiler", "org.scala-lang"),
    ("scala-library", "org.scala-lang"),
    ("scala-reflect", "org.scala-lang"),
    ("scala-xml_2*", "org.scala-lang.modules"),
    ("snakeyaml", "org.yaml"),
    ("spring-aop", "org.springframework"),
    ("spring-aspects", "org.springframework"),
    ("spring-beans", "org.springframework"),
    ("spring-boot", "org.springframework.boot"),
    ("spring-boot-*", "org.springframework.boot"),
    ("spring-cloud-function-*", "org.springframework.cloud"),
    ("spring-cloud-gateway-*", "org.springframework.cloud"),
    ("spring-context", "org.springframework"),
    ("spring-context-support", "org.springframework"),
    ("spring-core", "org.springframework"),
    ("spring-data-*", "org.springframework.data"),
    ("spring-expression", "org.springframework"),
    ("spring-jcl", "org.springframework"),
    ("spring-jdbc", "org.springframework"),
    ("spring-jms", "org.springframework"),
    ("spring-messaging", "org.springframework"),
    ("spring-orm", "org.springframework"),
    ("spring-oxm", "org.springframework"),
    ("spring-security-*", "org.springframework.security"),
    ("spring-test", "org.springframework"),
    ("spring-tx", "org.springframework"),
    ("spring-web", "org.springframework"),
    ("spring-webflux", "org.springframework"),
    ("spring-webmvc", "org.springframework"),
    ("spring-websocket", "org.springframework"),
    ("stax-api", "stax"),
    ("struts2-core", "org.apache.struts"),
    ("tink", "com.google.crypto.tink"),
    ("tomcat-embed-*", "org.apache.tomcat.embed"),
    ("tomcat-*", "org.apache.tomcat"),
    ("velocity", "org.apache.velocity"),
    ("velocity-engine-core", "org.apache.velocity"),
    ("xalan", "xalan"),
    ("xercesImpl", "xerces"),
    ("xz", "org.tukaani"),
];

/// Files of Tomcat's own distribution, which has other names than Maven Central: the file's name and the artifact's.
const TOMCAT: &[(&str, &str)] = &[
    ("catalina", "tomcat-catalina"),
    ("jasper", "tomcat-jasper"),
    ("jasper-el", "tomcat-jasper-el"),
    ("catalina-ha", "tomcat-catalina-ha"),
    ("catalina-tribes", "tomcat-tribes"),
];

/// The group that publishes `artifact`, where there is only one that anybody would mean.
pub(super) fn group(artifact: &str) -> Option<&'static str> {
    GROUPS
        .iter()
        .find(|(name, _)| match name.strip_suffix('*') {
            Some(begin) => artifact.starts_with(begin),
            None => artifact == *name,
        })
        .map(|(_, group)| *group)
}

/// The artifact's name on Maven Central of a file of Tomcat's own distribution.
pub(super) fn tomcat(file: &str) -> Option<&'static str> {
    TOMCAT.iter().find(|(name, _)| *name == file).map(|(_, artifact)| *artifact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_artifact_of_a_group_and_none_is_hidden_by_an_earlier_one() {
        for (row, (name, of)) in GROUPS.iter().enumerate() {
            let plain = name.trim_end_matches('*');
            assert!(!plain.is_empty() && super::super::maven::is_id(of), "{name}");
            let first = GROUPS.iter().position(|(name, _)| match name.strip_suffix('*') {
                Some(begin) => plain.starts_with(begin),
                None => plain == *name,
            });
            assert_eq!(first, Some(row), "{name} is never reached");
        }
    }
}
