// swift-tools-version:6.1
import PackageDescription

let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]

let package = Package(
    name: "florin",
    products: [.executable(name: "florin", targets: ["florin"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .target(name: "Domain", swiftSettings: strict),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLibArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .target(name: "Formats", dependencies: ["Domain", "CLibArchive", "CLibXML2", "CZlib"], swiftSettings: strict),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSQLiteSettings", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "Store",
            dependencies: [
                "Domain", "CLibPQ", "CSQLiteSettings", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [
                .embedInCode("Migrations/m0001_house.sql"),
                .embedInCode("Migrations/m0002_people.sql"),
                .embedInCode("Migrations/m0003_matching.sql"),
                .embedInCode("Migrations/m0006_remittance.sql"),
                .embedInCode("Migrations/m0007_desk.sql"),
                .embedInCode("Migrations/m0008_api.sql"),
                .embedInCode("Migrations/m0012_approval.sql"),
                .embedInCode("Migrations/m0013_habit.sql"),
                .embedInCode("Migrations/m0014_slices.sql"),
                .embedInCode("Migrations/m0015_access.sql"),
                .embedInCode("Migrations/m0016_largest.sql"),
                .embedInCode("Migrations/m0017_to_return.sql"),
                .embedInCode("Migrations/m0018_months.sql"),
                .embedInCode("Migrations/m0019_closing.sql"),
                .embedInCode("Migrations/m0020_mandate.sql"),
                .embedInCode("Migrations/m0021_conversation.sql"),
                .embedInCode("Migrations/m0022_hand_run.sql"),
                .embedInCode("Migrations/m0023_records.sql"),
                .embedInCode("Migrations/m0024_account.sql"),
                .embedInCode("Migrations/m0025_discount_terms.sql"),
                .embedInCode("Migrations/m0026_history.sql"),
                .embedInCode("Migrations/m0027_run_step.sql"),
                .embedInCode("Migrations/m0029_short_payments.sql"),
                .embedInCode("Migrations/m0030_document.sql"),
                .embedInCode("Migrations/m0032_policy_text.sql"),
                .embedInCode("Migrations/m0033_shapes.sql"),
                .embedInCode("Migrations/m0034_request_keys.sql"),
                .embedInCode("Migrations/m0035_invitation.sql"),
                .embedInCode("Migrations/m0036_asker.sql"),
                .embedInCode("Migrations/m0039_run_lease.sql"),
                .embedInCode("Migrations/m0040_undelivered.sql"),
                .embedInCode("Migrations/m0041_lists.sql"),
                .embedInCode("Migrations/m0042_settled_mail.sql"),
            ],
            swiftSettings: strict),
        .target(
            name: "Operations",
            dependencies: [
                "Domain", "Store", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "Connectors", dependencies: ["Domain", "Store", "Operations", "CLibCurl"], swiftSettings: strict),
        .target(name: "Simulation", dependencies: ["Domain"], swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Domain", "Formats", "Store", "Operations", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("Desk/desk.css"), .embedInCode("Desk/desk.js"), .embedInCode("Desk/icon.svg")],
            // What serves a request stays on the thread that does, instead of asking at each of its steps where to run.
            swiftSettings: strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),
        .executableTarget(
            name: "florin",
            dependencies: [
                "Domain", "Formats", "Store", "Operations", "Connectors", "Simulation", "Web",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "TOMLKit", package: "TOMLKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(name: "TestSupport", dependencies: ["Domain", "Store"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "TidyTests", dependencies: ["Domain", "Store", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: strict),
        .testTarget(name: "FormatsTests", dependencies: ["Domain", "Formats"], swiftSettings: strict),
        .testTarget(name: "SimulationTests", dependencies: ["Domain", "Simulation"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "CSQLiteSettings", "Domain", "Store", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .testTarget(
            name: "OperationsTests", dependencies: ["Domain", "Formats", "Store", "Operations", "Connectors", "Simulation", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Domain", "Formats", "Store", "Operations", "Connectors", "Simulation", "Web", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HTTPTypes", package: "swift-http-types"),
            ], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
