import Store
import Testing

/// Passwords come into no log.
@Suite struct ShownLocationTests {
    @Test(
        arguments: [
            ("books.sqlite", "books.sqlite"), ("postgres://localhost/florin", "postgres://localhost/florin"),
            ("postgres://florin@localhost/florin", "postgres://florin@localhost/florin"),
            ("postgres://florin:S3cret@localhost:5432/florin", "postgres://florin@localhost:5432/florin"),
            ("postgres://florin:S3@c/ret@localhost/florin", "postgres://florin@localhost/florin"),
            ("postgresql://florin:S3c/ret@/pw?host=/run/pg", "postgresql://florin@/pw?host=/run/pg"),
            ("postgres://florin:S3c?ret@/pw", "postgres://florin@/pw"),
            ("postgres:///pw?user=florin&password=S3cret&host=/run", "postgres:///pw?user=florin&host=/run"),
            ("postgres:///pw?sslpassword=S3cret", "postgres:///pw"),
            ("mysql://root:S3cret@db/x", "mysql://root@db/x"),
            ("host=db password=S3cret user=florin", "host=db user=florin"),
            ("host=db password = 'S3 c\\'ret' user=florin", "host=db user=florin"),
        ])
    func passwordsAreLeftOut(location: String, shown: String) { #expect(shownLocation(location) == shown) }

    @Test func whatTheLibraryCannotReadIsNotRepeated() {
        #expect {
            _ = try PostgresDatabase(url: "postgres://florin:S3cret%zz@localhost/florin")
        } throws: { error in
            (error as? DatabaseFault)?.code == "florin:location" && !"\(error)".contains("S3cret")
        }
    }
}
