/// Which release this is, wherever one is named: `florin --version`, `/metrics`, `/openapi.json`.
package enum Release {
    /// Semantic versioning: MAJOR.MINOR.PATCH.
    package static let version = "0.1.0"
}
