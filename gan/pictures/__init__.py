"""Pictures as files: PNG, film, diagrams of networks, uploads that are read with mistrust."""
