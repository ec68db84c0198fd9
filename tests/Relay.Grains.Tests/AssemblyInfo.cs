[assembly: Trait("Needs", "Cluster")]
