import Store
import Testing

@Suite struct UnreachableServerTests {
    /// A server that is away, or refuses one more connection, is an error to be told and not the end of the program.
    @Test func aServerThatIsAwayIsNamed() {
        #expect {
            _ = try PostgresDatabase(url: "postgresql:///books?host=/nowhere/at/all&user=florin")
        } throws: { error in
            (error as? DatabaseFault)?.code == "08001" && "\(error)".contains("/nowhere/at/all")
        }
    }
}
