[assembly: Trait("Needs", "Browser")]
[assembly: AssemblyFixture(typeof(Relay.Testing.Browser.Chromium))]
